"""Audit chain, events, background jobs, leases, rate limits, and the worker's heartbeat."""
