"""What a family keeps of a visit: its medicines on one page, past visits by person, and what it shows to others."""
