"""Issued prescriptions: frozen, printed, stored, verified."""
