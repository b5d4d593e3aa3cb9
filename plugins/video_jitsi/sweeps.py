"""What the worker does now and then."""

from datetime import datetime

from portal.api import plugin, work

from . import rooms


@work.sweep(every=3600)
def delete_old_jitsi_rooms(now: datetime) -> None:
    """Delete rooms of long ago, while the plugin is on."""
    if plugin.is_on(rooms.PROVIDER):
        rooms.sweep(now)
