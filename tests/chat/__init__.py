"""A messenger: its server as a process of its own, and a plugin for it."""
