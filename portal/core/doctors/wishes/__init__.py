"""What doctors ask of the roster: leave of later days, and swaps that a colleague agrees to."""
