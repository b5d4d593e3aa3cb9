"""Changes of master data: centres, specialties, holidays, and a session's quota."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import peewee

from portal.base import typed
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.clinic import closing
from portal.core.clinic.events import HolidayDeleted, MasterSaved, SessionQuotaChanged
from portal.core.clinic.models import Centre, ClinicSession, Holiday, Specialty
from portal.store.db import write
from portal.store.numbers import known_id
from portal.store.versions import require_same, require_seen
from portal.work.audit import Actor
from portal.work.events import record

MASTERS: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    # kind: (model, required texts, optional texts)
    "centres": (Centre, ("code", "name"), ("name_hi", "city", "address", "phone")),
    "specialties": (Specialty, ("code", "prefix", "name"), ("name_hi", "neutral_prefix")),
    "holidays": (Holiday, ("day", "name"), ("name_hi",)),
}

# Yes-or-no fields by kind, with the value of a new row. A form without one leaves it as it is.
SWITCHES: dict[str, dict[str, str]] = {
    "centres": {"active": "yes"},
    "specialties": {"active": "yes", "is_private": "no"},
    "holidays": {},
}

# Used in URLs, tokens and files.
PATTERNS = {"code": r"[A-Za-z0-9][A-Za-z0-9_]*", "prefix": r"[A-Za-z0-9]+", "neutral_prefix": r"[A-Za-z0-9]*"}


def save_master(kind: str, row_id: str, form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Add or change a centre, specialty or holiday.

    Raises Invalid with every wrong field, NotFound for an unknown row, Changed when the form's version is stale.
    """
    model, required, optional = MASTERS[kind]
    values = _checked(model, required, optional, form)
    typed_or_new = (name for name in SWITCHES[kind] if name in form or not row_id)
    values |= {name: form.get(name, SWITCHES[kind][name]) == "yes" for name in typed_or_new}
    try:
        with write():
            if kind == "specialties":
                _require_own_prefixes(values, row_id)
            if row_id:
                shown = partial(master_shown, kind, row_id)
                require_seen(f"{kind} {row_id}", form.get("version", ""), shown, _texts(values))
            _put(kind, row_id, values, by=by, now=now)
            record(MasterSaved(key=str(values[required[0]])), kind, by=by, now=now)
    except peewee.IntegrityError as error:
        raise Invalid({required[0]: _("This one exists already.")}) from error


def _put(kind: str, row_id: str, values: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Write a row; a holiday closes its day, and opens the one on which it was before."""
    model, is_holiday = MASTERS[kind][0], kind == "holidays"
    before = model.get_by_id(known_id(row_id)).day if is_holiday and row_id else None
    if is_holiday and values["day"] != before:
        closing.prepare(values["day"], now)
    if row_id:
        model.update(**values).where(model.id == known_id(row_id)).execute()
    else:
        model.create(**values)
    if is_holiday and values["day"] != before:
        closing.close(values["day"], by=by, now=now)
        if before is not None:
            closing.reopen(before, now)


def holiday_asks(form: Mapping[str, str], now: datetime) -> list[str]:
    """List who waits for the day of a new or changed holiday: token and initials; empty where nobody is concerned."""
    day = typed.date_or_none(form.get("day", "").strip())
    row_id = known_id(form.get("row", "")) if form.get("row") else None
    is_same = row_id is not None and Holiday.select().where((Holiday.id == row_id) & (Holiday.day == day)).exists()
    return closing.waiting(day, now) if day is not None and not is_same else []


def _require_own_prefixes(values: Mapping[str, Any], row_id: str) -> None:
    """Raise Invalid when a neutral prefix would tell the specialty, or is on another one's tokens."""
    neutral = str(values["neutral_prefix"]).upper()
    if not neutral:
        return
    if neutral == str(values["prefix"]).upper():
        raise Invalid({"neutral_prefix": _("This is the prefix that tells the specialty. Choose another one.")})
    others = Specialty.select().where(Specialty.id != known_id(row_id)) if row_id else Specialty.select()
    if any(neutral in {other.prefix.upper(), other.neutral_prefix.upper()} for other in others):
        raise Invalid({"neutral_prefix": _("Another specialty has this prefix.")})


def master_shown(kind: str, row_id: str) -> dict[str, str]:
    """Return a row as its form shows it. Raises NotFound."""
    model, _required, _optional = MASTERS[kind]
    row = model.get_or_none(model.id == known_id(row_id))
    if row is None:
        raise NotFound
    return row_shown(kind, row)


def row_shown(kind: str, row: Any) -> dict[str, str]:
    """Return a loaded row as its form shows it."""
    _model, required, optional = MASTERS[kind]
    return _texts({key: getattr(row, key) for key in (*required, *optional, *SWITCHES[kind])})


def delete_holiday(row_id: int, seen: str, *, by: Actor, now: datetime) -> None:
    """Delete a holiday. Raises NotFound, Conflict when `seen` is stale."""
    with write():
        require_same(f"holidays {row_id}", seen, partial(master_shown, "holidays", str(row_id)))
        gone = Holiday.get_or_none(Holiday.id == known_id(str(row_id)))
        if gone is None:
            raise NotFound
        gone.delete_instance()
        closing.reopen(gone.day, now)
        record(HolidayDeleted(), str(row_id), by=by, now=now)


def quota_shown(uid: str) -> dict[str, str]:
    """Return a session's quota as its form shows it. Raises NotFound."""
    session = ClinicSession.get_or_none(ClinicSession.uid == uid)
    if session is None:
        raise NotFound
    return {"quota": str(session.quota)}


def set_quota(uid: str, text: str, seen: str, *, by: Actor, now: datetime) -> int:
    """Change a session's quota; issued numbers stay. Returns how many of them are beyond it.

    Raises Invalid, NotFound, Changed when `seen` is stale.
    """
    quota = typed.whole(text, 1, 2000)
    if quota is None:
        raise Invalid({"quota": _("Give a whole number from %(low)s to %(high)s.", low=1, high=2000)})
    with write():
        require_seen(f"quota {uid}", seen, partial(quota_shown, uid), {"quota": str(quota)})
        if not ClinicSession.update(quota=quota).where(ClinicSession.uid == uid).execute():
            raise NotFound
        record(SessionQuotaChanged(quota=quota), uid, by=by, now=now)
        given = ClinicSession.select(ClinicSession.last_number).where(ClinicSession.uid == uid).scalar()
    return int(given) - quota


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return a row's values as form fields."""
    words = {True: "yes", False: "no"}
    return {
        key: words[value] if isinstance(value, bool) else "" if value is None else str(value)
        for key, value in values.items()
    }


def _checked(
    model: type[peewee.Model], required: tuple[str, ...], optional: tuple[str, ...], form: Mapping[str, str]
) -> dict[str, Any]:
    problems: dict[str, str] = {}
    values: dict[str, Any] = {key: form.get(key, "").strip() for key in (*required, *optional)}
    for key, text in values.items():
        field = getattr(model, key)
        limit = getattr(field, "max_length", 20)
        if key in required and not text:
            problems[key] = _("This is required.")
        elif len(text) > limit:
            problems[key] = _("At most %(limit)s characters.", limit=limit)
        elif key in PATTERNS and not re.fullmatch(PATTERNS[key], text):
            problems[key] = _("Use letters and digits only.")
        elif isinstance(field, peewee.DateField):
            values[key] = typed.date_or_none(text)
            if values[key] is None:
                problems[key] = _("Give a date.")
    if problems:
        raise Invalid(problems)
    return values
