"""Files of a prescription after the page is drawn: signing, later files, and what a crash left."""
