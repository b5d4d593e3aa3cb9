"""Strict parser for untrusted JSON."""

from portal.base.json_text import read, read_object

__all__ = ["read", "read_object"]
