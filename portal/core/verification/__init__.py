"""Whether a prescription is genuine: by its code, and by the file that somebody hands in."""
