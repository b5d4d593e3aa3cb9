"""Privacy within the family: past visits of private specialties, and the one-time codes that open them."""
