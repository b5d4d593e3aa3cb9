"""Passkeys (WebAuthn level 3): of staff in place of the code of an app, of mobiles in place of an SMS."""
