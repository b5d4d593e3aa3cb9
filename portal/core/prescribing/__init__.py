"""Content of a prescription: notes, medicines, rules. Pure."""
