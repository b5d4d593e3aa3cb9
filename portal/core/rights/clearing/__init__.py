"""Retention: what is due for deletion, dry runs and runs with their reports, and legal holds."""
