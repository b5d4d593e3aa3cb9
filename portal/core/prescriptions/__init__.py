"""Formulary, draft, issued PDF, verification."""
