"""A function that kills its process, like a parser that a file breaks."""

import os


def work(request: bytes) -> bytes:
    """Kill the process."""
    os.abort()
