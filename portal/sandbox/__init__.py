"""Sandbox: child processes with resource limits for work on untrusted files."""
