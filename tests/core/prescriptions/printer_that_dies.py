"""A printer whose heap is corrupted."""

import os


def work(request: bytes) -> bytes:
    """Abort, as glibc does."""
    os.abort()
