"""What we say, to whom, in which language."""
