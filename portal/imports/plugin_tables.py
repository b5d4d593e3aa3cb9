"""Import of a table that a plugin takes, under the plugin's own name for it."""

from datetime import datetime

from portal.base.errors import NotFound
from portal.plugin_host.registry import registry


def take_over(kind: str, content: bytes, *, now: datetime) -> int:
    """Let a plugin store its table, in the caller's transaction; return the rows. Raises NotFound, and Invalid."""
    for _name, store in registry().implementations("import_table"):
        if (rows := store(kind=kind, content=content, now=now)) is not None:
            return int(rows)
    raise NotFound(f"Neither the portal nor a plugin that is on takes a table {kind!r} (portal import --help).")
