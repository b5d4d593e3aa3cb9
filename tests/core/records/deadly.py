"""Work that its process does not survive, as when a parser is broken by a file."""

import os


def work(request: bytes) -> bytes:
    """Die."""
    os.abort()
