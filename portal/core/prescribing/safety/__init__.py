"""Safety while writing: cited tables, and what of a prescription they question. Pure: the patient is an argument."""
