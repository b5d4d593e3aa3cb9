"""Rooms that are open: their provider stays reachable to their end."""

from portal.core.calls.models import CallRoom
from portal.plugin_host.capabilities import counts_use


@counts_use
def open_rooms(provider: str) -> int:
    """How many rooms of this provider are open."""
    return int(CallRoom.select().where((CallRoom.provider == provider) & CallRoom.closed_at.is_null()).count())
