"""Imports from CSV: the register, master data, medicines, tables of law and safety, and the tables of plugins."""
