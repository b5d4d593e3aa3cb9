"""Consult: the doctor's draft of a visit, and its page."""
