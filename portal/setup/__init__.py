"""`portal setup`: an installation from one plan; run again, it changes what differs."""
