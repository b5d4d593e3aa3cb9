"""Orders from the authorised local chemist."""
