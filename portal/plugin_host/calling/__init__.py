"""How hooks are called: counters, and time limits."""
