"""`portal check`: what can be wrong with an installation, and the cure of each."""
