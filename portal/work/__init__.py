"""What is written down and what is done later: audit, events, jobs and who does them."""
