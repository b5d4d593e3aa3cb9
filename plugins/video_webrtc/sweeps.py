"""What the worker does now and then."""

from datetime import datetime

from portal.plugin_host.registry import registry
from portal.work import jobs

from . import rooms


@jobs.sweep(every=3600)
def delete_old_rooms(now: datetime) -> None:
    """Delete rooms of long ago, while the plugin is on."""
    if registry().is_on(rooms.PROVIDER):
        rooms.sweep(now)
