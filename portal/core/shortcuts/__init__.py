"""Shortcuts of a doctor: named rows of medicines, and phrases in English and Hindi."""
