"""Calls of a visit: rooms and call log."""
