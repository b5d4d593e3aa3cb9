"""Settings of the clinic and of plugins: pydantic models, read typed, edited in forms, overridable by environment."""
