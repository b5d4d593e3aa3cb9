"""Crash points for tests: places where the process can be made to die as by `kill -9`."""

import os

_armed: str | None = None


def arm(name: str | None) -> None:
    """Arm the crash point of this name; None disarms."""
    global _armed
    _armed = name


def crashpoint(name: str) -> None:
    """End the process here if this crash point is armed; else do nothing."""
    if _armed == name:
        os._exit(137)
