"""What the worker does now and then."""

from datetime import datetime

from portal.core import jobs
from portal.plugins import registry

from . import rooms


@jobs.sweep(every=3600)
def delete_old_jitsi_rooms(now: datetime) -> None:
    """Delete rooms of long ago, while the plugin is on."""
    if registry().is_on(rooms.PROVIDER):
        rooms.sweep(now)
