"""Doctors: duty, leave, and permissions on visits."""
