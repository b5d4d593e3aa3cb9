"""Changes the administrator makes: clinic settings and masters."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import peewee

from portal.base import typed
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.admin.words import setting_groups
from portal.core.clinic.centres import Centre
from portal.core.clinic.specialties import Specialty
from portal.core.visits.models import ClinicSession, Holiday
from portal.store import settings
from portal.store.db import write
from portal.store.numbers import known_id
from portal.store.versions import require_same, require_seen
from portal.work.audit import Actor
from portal.work.events import record

MASTERS: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    # kind: (model, required texts, optional texts)
    "centres": (Centre, ("code", "name"), ("name_hi", "city", "address", "phone")),
    "specialties": (Specialty, ("code", "prefix", "name"), ("name_hi",)),
    "holidays": (Holiday, ("day", "name"), ("name_hi",)),
}
# What goes into addresses, tokens and files.
# Of two settings the first is never above the second.
IN_ORDER = (
    ("opens_at", "closes_at"), ("tokens_from", "closes_at"), ("wait_long_minutes", "wait_late_minutes"),
    ("otp_per_hour", "otp_per_day"), ("otp_per_day", "otp_per_day_all"),
)  # fmt: skip
PATTERNS = {"code": r"[A-Za-z0-9][A-Za-z0-9_]*", "prefix": r"[A-Za-z0-9]+"}


def settings_shown() -> dict[str, str]:
    """Every setting as its field shows it."""
    return {key: str(settings.get(key)) for key in settings.DEFAULTS}


def save_settings(form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Change every setting that the form carries.

    Raises Invalid with all wrong fields, Changed when somebody else has saved since; neither changes anything.
    """
    given = {key: form[key].strip() for key in settings.DEFAULTS if key in form}
    if not given:
        raise Invalid({"": _("There is nothing to save.")})
    problems: dict[str, str] = {}
    with write():
        require_seen("settings", form.get("version", ""), settings_shown, given)
        changed = {key: text for key, text in given.items() if text != str(settings.get(key))}
        for key, text in changed.items():
            problems |= _problem(key, text)
        if problems := problems or _contradictions(changed):
            raise Invalid(problems)
        record("SettingsChanged", "settings", by=by, now=now, keys=sorted(changed))


def _contradictions(changed: Collection[str]) -> dict[str, str]:
    """Of two settings that belong together the lower must not be above the higher one; asked at what was changed."""
    labels = dict(label for _heading, labels in setting_groups() for label in labels)
    problems = {}
    for low, high in IN_ORDER:
        if {low, high} & set(changed) and settings.get(low) > settings.get(high):
            sentence = _("“%(low)s” is above “%(high)s”. Please check both.", low=labels[low], high=labels[high])
            problems[low if low in changed else high] = sentence
    return problems


def apply_preset(name: str, *, by: Actor, now: datetime) -> None:
    """Set the four referral rules as an order had them. Raises Invalid for an unknown preset."""
    if name not in settings.REFERRAL_PRESETS:
        raise Invalid({"preset": _("Choose one of the presets.")})
    save_settings({key: str(value) for key, value in settings.REFERRAL_PRESETS[name].items()}, by=by, now=now)


def save_master(kind: str, row_id: str, form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Add or change a centre, specialty or holiday.

    Raises Invalid with every wrong field, NotFound for a wrong row, Changed when somebody else has saved since.
    """
    model, required, optional = MASTERS[kind]
    values = _checked(model, required, optional, form)
    if kind != "holidays":
        values["active"] = form.get("active", "yes") == "yes"
    try:
        with write():
            if row_id:
                shown = partial(master_shown, kind, row_id)
                require_seen(f"{kind} {row_id}", form.get("version", ""), shown, _texts(values))
                model.update(**values).where(model.id == known_id(row_id)).execute()
            else:
                model.create(**values)
            record("MasterSaved", kind, by=by, now=now, key=str(values[required[0]]))
    except peewee.IntegrityError as error:
        raise Invalid({required[0]: _("This one exists already.")}) from error


def master_shown(kind: str, row_id: str) -> dict[str, str]:
    """A row of a master as its form shows it. Raises NotFound."""
    model, _required, _optional = MASTERS[kind]
    row = model.get_or_none(model.id == known_id(row_id))
    if row is None:
        raise NotFound
    return row_shown(kind, row)


def row_shown(kind: str, row: Any) -> dict[str, str]:
    """The same of a row that is at hand."""
    _model, required, optional = MASTERS[kind]
    switch = () if kind == "holidays" else ("active",)
    return _texts({key: getattr(row, key) for key in (*required, *optional, *switch)})


def delete_holiday(row_id: int, seen: str, *, by: Actor, now: datetime) -> None:
    """Make a day a working day again. Raises NotFound, Conflict when the row is another day's by now."""
    with write():
        require_same(f"holidays {row_id}", seen, partial(master_shown, "holidays", str(row_id)))
        if not Holiday.delete().where(Holiday.id == known_id(str(row_id))).execute():
            raise NotFound
        record("HolidayDeleted", str(row_id), by=by, now=now)


def quota_shown(uid: str) -> dict[str, str]:
    """A session's quota as its field shows it. Raises NotFound."""
    session = ClinicSession.get_or_none(ClinicSession.uid == uid)
    if session is None:
        raise NotFound
    return {"quota": str(session.quota)}


def set_quota(uid: str, text: str, seen: str, *, by: Actor, now: datetime) -> None:
    """Change a session's quota; numbers already given stay. Raises Invalid, Changed when another was set since."""
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 0 < int(text) <= 2000):
        raise Invalid({"quota": _("Give a whole number from %(low)s to %(high)s.", low=1, high=2000)})
    with write():
        require_seen(f"quota {uid}", seen, partial(quota_shown, uid), {"quota": text})
        if not ClinicSession.update(quota=int(text)).where(ClinicSession.uid == uid).execute():
            raise NotFound
        record("SessionQuotaChanged", uid, by=by, now=now, quota=int(text))


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """The values of a row as the fields of a form show them."""
    words = {True: "yes", False: "no"}
    return {
        key: words[value] if isinstance(value, bool) else "" if value is None else str(value)
        for key, value in values.items()
    }


def _problem(key: str, text: str) -> dict[str, str]:
    try:
        settings.put(key, text)
    except Invalid as error:
        return error.fields
    return {}


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
