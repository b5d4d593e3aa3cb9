"""What becomes of a plugin that is to go."""
