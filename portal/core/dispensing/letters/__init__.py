"""Written permissions to give or order more than a part: what is kept of a letter, and its scan."""
