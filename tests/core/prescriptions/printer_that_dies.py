"""A printer whose heap is corrupted."""

import os


def work(request: bytes) -> bytes:
    """Die as glibc does."""
    os.abort()
