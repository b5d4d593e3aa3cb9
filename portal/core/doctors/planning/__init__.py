"""Changing rosters: forms, what a change does to tokens already given, the deed, its history, and the pages."""
