"""Kiosks: devices of a centre at which one person after another signs in."""
