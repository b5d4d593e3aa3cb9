"""Health records uploaded by the patient."""
