"""The parts of the command `portal` that are long enough for a file of their own."""
