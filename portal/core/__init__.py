"""The clinic itself: one room a feature. Their order: scripts/shape.py."""
