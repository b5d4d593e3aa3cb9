"""The clinic itself: one folder per feature, on top of db, clock, errors, events and jobs."""
