"""Texts that the portal signs and knows again, for tickets and addresses. A purpose of your own keeps yours apart."""

from portal.base.signed import is_mark, mark, pack, read, unpack, write

__all__ = ["is_mark", "mark", "pack", "read", "unpack", "write"]
