"""Clinic sessions, tokens, the state machine, the boards."""
