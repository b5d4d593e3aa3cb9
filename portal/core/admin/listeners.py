"""A plugin that fails again and again is told to the administrators on their telephones too."""

from datetime import datetime

from portal.base.mobile import normalise
from portal.core.accounts.models import Staff
from portal.core.messages.services import queue
from portal.plugin_host.models import PluginFailed
from portal.work.events import Event, listener


@listener(PluginFailed)
def tell_administrators(event: Event, now: datetime) -> None:
    """One text to each administrator whose telephone is a mobile. The audit log and the overview say it anyway."""
    for person in Staff.select().where((Staff.role == "admin") & Staff.disabled_at.is_null()):
        try:
            mobile = normalise(person.phone)
        except ValueError:
            continue
        queue(event.uid, mobile, "plugin_failed", person.language, {"plugin": event.subject[:30]}, now=event.at)
