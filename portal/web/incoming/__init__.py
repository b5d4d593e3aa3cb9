"""What comes in: bodies within bounds, text as it can be stored, JSON read strictly."""
