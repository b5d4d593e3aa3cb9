"""Subcommands of `portal`."""
