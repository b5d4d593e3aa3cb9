"""Settings: pydantic models of the clinic's and of plugins', read typed, shown as forms, set from outside."""
