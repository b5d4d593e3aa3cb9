"""The web server: one to an address, its processes minded; and why a start fails, in a sentence."""
