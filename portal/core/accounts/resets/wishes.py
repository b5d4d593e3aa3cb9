"""What one administrator asks for and a second one confirms: until when it waits, and until when it is open then."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

import peewee

from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.store.db import UidModel, UTCDateTimeField, locked

WAITS = timedelta(hours=4)  # for the second person
LASTS = timedelta(minutes=30)  # once it is confirmed


def _backref(field: Any) -> str:
    return f"{field.model.__name__.lower()}_{field.name}"


class Wish(UidModel):
    """What an administrator asks for. `ends_at`: until when it is open to the one who asked; empty until then.

    `confirmed_by`: the second person; empty where nobody is asked for.
    """

    asked_by = peewee.ForeignKeyField(Staff, backref=_backref)
    asked_at = UTCDateTimeField(index=True)
    confirmed_by = peewee.ForeignKeyField(Staff, null=True, backref=_backref)
    ends_at = UTCDateTimeField(null=True)


W = TypeVar("W", bound=Wish)


def waits(table: type[Wish], now: datetime) -> Any:
    """Return the condition of what waits for a second administrator."""
    return table.ends_at.is_null() & (table.asked_at > now - WAITS)


def is_open_to(table: type[Wish], staff: Staff, now: datetime) -> Any:
    """Return the condition of what this administrator has asked for and may do now."""
    return (table.asked_by == staff) & (table.ends_at > now)


def require_another(staff: Staff) -> None:
    """Raise Conflict when no second administrator could confirm what this one asks for."""
    others = (Staff.role == "admin") & (Staff.id != staff.id) & Staff.disabled_at.is_null()
    if not Staff.select().where(others).exists():
        raise Conflict(
            _("There is no second administrator who could confirm it. Add one at the console: portal staff add.")
        )


def confirm(table: type[W], uid: str, staff: Staff, *, now: datetime) -> W:
    """Open a colleague's wish, in the caller's transaction. Raises NotFound, Conflict for one's own or an old one."""
    found: W | None = locked(table.select().where(table.uid == uid)).first()
    if found is None:
        raise NotFound
    if found.asked_by_id == staff.id:
        raise Conflict(_("Another administrator has to confirm this."))
    if found.ends_at is not None or found.asked_at <= now - WAITS:
        raise Conflict(_("This does not wait for a confirmation any more."))
    found.confirmed_by, found.ends_at = staff, now + LASTS
    found.save(only=(table.confirmed_by, table.ends_at))
    return found
