"""The scheme's register, and the people registered from it."""
