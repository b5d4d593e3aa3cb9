"""Passkeys of staff (WebAuthn level 3): a key of the device or a security key in place of the code of an app."""
