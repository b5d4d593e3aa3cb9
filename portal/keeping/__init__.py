"""Backups of database and files, and restoring them."""
