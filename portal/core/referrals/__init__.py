"""The medical officer's slip, and the check before a token."""
