"""What we say, in which language, and whether it arrived."""
