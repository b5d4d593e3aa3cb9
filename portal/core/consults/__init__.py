"""The doctor's draft of a visit, and the consult page."""
