"""The demonstration: made-up people, a telephone on the screen. Exists only with PORTAL_DEMO=1."""
