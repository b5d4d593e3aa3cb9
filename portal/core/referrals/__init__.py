"""Referrals by medical officers, and their check before a token."""
