"""Issued prescriptions: immutable, printed, stored, verified."""
