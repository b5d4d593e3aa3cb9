"""Sanitising of uploads without losing what a doctor needs to see."""
