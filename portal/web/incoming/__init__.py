"""Incoming requests: body size and time limits, sanitised text, strict JSON."""
