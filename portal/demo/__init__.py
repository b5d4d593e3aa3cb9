"""The demo: fake people, and a phone on the screen that shows SMS. Only with PORTAL_DEMO=1."""
