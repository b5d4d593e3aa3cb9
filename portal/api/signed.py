"""Signed texts for tickets, cookies and URLs. Use a purpose of your own, which has its own key."""

from portal.base.signed import is_mark, mark, pack, read, unpack, write

__all__ = ["is_mark", "mark", "pack", "read", "unpack", "write"]
