"""A new secret key: everything that is stored under an older one is sealed anew, and the older can be taken away."""

from datetime import datetime

from portal.core import audit
from portal.core.accounts import totp
from portal.core.accounts.models import Staff
from portal.core.admin import plugin_settings
from portal.core.admin.models import PluginState
from portal.core.admin.switches import bump_revision
from portal.core.audit import Actor
from portal.core.db import locked, write


def seal_anew(*, by: Actor, now: datetime) -> int:
    """Seal plugin settings and second factors with the newest key; how many rows that changed."""
    with write():
        changed = sum(map(_seal_plugin, locked(PluginState.select())))
        changed += sum(map(_seal_person, locked(Staff.select().where(Staff.totp_secret != ""))))
        bump_revision()
        audit.note("SecretsSealedAnew", "secrets", by=by, now=now, rows=changed)
    return changed


def _seal_plugin(row: PluginState) -> bool:
    settings = plugin_settings.resealed(row.settings)
    return settings != row.settings and bool(
        PluginState.update(settings=settings).where(PluginState.id == row.id).execute()
    )


def _seal_person(row: Staff) -> bool:
    return bool(Staff.update(totp_secret=totp.reseal(row.totp_secret)).where(Staff.id == row.id).execute())
