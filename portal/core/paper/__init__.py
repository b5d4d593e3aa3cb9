"""The prescription on paper: what it says, and the page that is printed."""
