"""Doctors at work: duty, leave, and which visits they may reach."""
