"""The web server: one to an address, its processes minded."""
