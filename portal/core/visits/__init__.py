"""A token's life: its states, calling, moving on, and its end."""
