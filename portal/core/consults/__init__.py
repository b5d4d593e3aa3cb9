"""Notes, diagnosis and the room of a consultation."""
