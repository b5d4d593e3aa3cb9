"""The medicines that the clinic knows: their names, their classes, and what is barred."""
