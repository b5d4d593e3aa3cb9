"""The call of a visit: its rooms and its log."""
