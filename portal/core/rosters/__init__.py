"""Rosters: which doctor is there on which day, and what a specialty does on it."""
