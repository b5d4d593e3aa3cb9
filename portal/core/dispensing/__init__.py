"""Pharmacy of the wellness centre."""
