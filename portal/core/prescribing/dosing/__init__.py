"""The dose language: what doctors write of dose and time, parsed, counted and said in words."""
