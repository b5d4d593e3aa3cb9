"""Identities of people elsewhere, such as an ABHA number, that a plugin has verified."""
