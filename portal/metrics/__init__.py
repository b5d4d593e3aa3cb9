"""What `GET /metrics` tells Prometheus: the clinic, its work and its machine, read when it is asked."""
