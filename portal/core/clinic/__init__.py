"""Centres, specialties, holidays, clinic sessions and their hours."""
