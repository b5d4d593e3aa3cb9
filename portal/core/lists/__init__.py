"""Lists that an administrator imports: medicines, their classes and brands, tables of law and safety, diagnoses."""
