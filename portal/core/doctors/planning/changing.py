"""Changing rosters and changing back: one change is a transaction, with history, and does to tokens what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty, SpecialtyHours
from portal.core.clinic.sessions import is_open, session_on
from portal.core.doctors import leave
from portal.core.doctors.planning.deeds import Deed, Effect
from portal.core.doctors.planning.effects import effect_of
from portal.core.doctors.planning.settling import settle
from portal.core.doctors.wishes import services as wishes
from portal.core.doctors.wishes.models import APPROVED, OPEN, RosterWish
from portal.core.rosters.book import DATE, DAY, LEAVE, WEEK, WEEKDAY, Facts, Slot, Values, from_json, to_json
from portal.core.rosters.models import DoctorDay, DoctorWeek, RosterChange, RosterChanged
from portal.store.db import locked, one_at_a_time, write
from portal.work.audit import Actor
from portal.work.events import record


@dataclass(frozen=True)
class Question:
    """What a change does, to be confirmed; `is_stale`: what was confirmed is no longer so."""

    effect: Effect
    is_stale: bool = False


class Stale(Conflict):
    """What the question showed is no longer so; `effect` is what holds now."""

    def __init__(self, effect: Effect) -> None:
        super().__init__(_("This has changed in the meantime. Below is what the change does now."))
        self.effect = effect


def do_or_ask(deed: Deed, seen: str | None, *, asks: bool = True, by: Actor, now: datetime) -> Question | None:
    """Do a change, or return what it does when that has to be confirmed first.

    `seen` is the version of the confirmed page, None before one is shown; `asks`: also where no token and no day is
    concerned. Raises Conflict.
    """
    effect = effect_of(deed, now)
    require_difference(deed, effect)
    if seen is None and (asks or effect.days or effect.lost):
        return Question(effect)
    try:
        change_roster(deed, effect.seen if seen is None else seen, by=by, now=now)
    except Stale as error:
        return Question(error.effect, is_stale=True)
    return None


def require_difference(deed: Deed, effect: Effect) -> None:
    """Raise Conflict when a change would change nothing."""
    if all(values == effect.before[slot] for slot, values in deed.facts.items()):
        raise Conflict(_("It is so already. Nothing would change."))


def change_roster(deed: Deed, seen: str, *, by: Actor, now: datetime) -> RosterChange:
    """Do a change: facts, sessions, tokens, history. Raises Stale when the page showed something else.

    Raises Conflict when nothing would change, or while a patient is with a doctor whom it takes away.
    """
    with write():
        one_at_a_time(f"roster {deed.specialty.id}")
        sessions = _locked_sessions(deed, now)
        effect = effect_of(deed, now)
        require_difference(deed, effect)
        if effect.seen != seen:
            raise Stale(effect)
        row = RosterChange.create(
            kind=deed.kind,
            specialty=deed.specialty,
            before=to_json(effect.before),
            after=to_json(deed.facts),
            at=now,
            by=Staff.get(Staff.uid == by.uid),
            undoes=deed.undoes,
        )
        undoes = deed.undoes.uid if deed.undoes else ""
        event = RosterChanged(kind=deed.kind, specialty=deed.specialty.code, undoes=undoes)
        record(event, row.uid, by=by, now=now)
        _write_facts(deed.facts, effect.before, by=by, now=now)
        after = effect.book.changed(deed.facts)
        for session in sessions:
            settle(session, effect.book, after, by=by, now=now)
    return row


def approve_wish(uid: str, seen: str, *, by: Actor, now: datetime) -> None:
    """Change the roster as a doctor wished. `seen`: the version of the page that showed what it does.

    Raises NotFound, Conflict once it is answered or cannot be done any more, Stale when the page showed something else.
    """
    with write():
        wish = wishes.standing(uid, (OPEN,), RosterWish.uid == uid, now)
        change = change_roster(wishes.deed_of(wish, now), seen, by=by, now=now)
        wishes.write_answer(wish, APPROVED, change=change.uid, by=by, now=now)


def _locked_sessions(deed: Deed, now: datetime) -> list[ClinicSession]:
    """Lock the open sessions from today on, and those that were closed today, which a change back may open again.

    Today's is created if need be, as a missing row cannot be locked against a token that is requested meanwhile.
    """
    today, specialty = clinic_day(now), deed.specialty
    if specialty.active and is_open(specialty, today):
        session_on(specialty, today)
    ahead = (ClinicSession.specialty == specialty) & (ClinicSession.day >= today)
    return list(locked(ClinicSession.select().where(ahead).order_by(ClinicSession.id)))


def _write_facts(facts: Facts, before: Facts, *, by: Actor, now: datetime) -> None:
    for slot, values in sorted(facts.items(), key=lambda item: item[0]):
        if values == before[slot]:
            continue
        kind, owner, key = slot
        if kind != LEAVE:
            _put(slot, values)
            continue
        doctor, day = Staff.get_by_id(owner), date.fromisoformat(key)
        if values is None:
            leave.end_leave(doctor, day, by=by, now=now)
        else:
            leave.take_leave(doctor, day, reason=str(values["reason"]), by=by, now=now)


def undoing(uid: str, now: datetime) -> Deed:
    """Return the deed that changes a change back. Raises NotFound; Conflict when it was changed since, or is over."""
    row: RosterChange | None = RosterChange.get_or_none(RosterChange.uid == uid)
    if row is None:
        raise NotFound
    if RosterChange.select().where(RosterChange.undoes == row).exists():
        raise Conflict(_("This was changed back already."))
    today = clinic_day(now).isoformat()
    facts = {slot: values for slot, values in from_json(row.before).items() if _is_ahead(slot[0], slot[2], today)}
    if not facts:
        raise Conflict(_("Those days are over. Nothing can be changed back."))
    deed, made = Deed(row.kind, row.specialty, facts, row), from_json(row.after)
    now_there = effect_of(deed, now).before
    if any(values != made[slot] for slot, values in now_there.items()):
        raise Conflict(_("This was changed again since. Change it by hand, so that nothing newer is lost."))
    return deed


def _is_ahead(kind: str, key: str, today: str) -> bool:
    return kind in (WEEK, WEEKDAY) or key >= today


def undone_of(rows: list[RosterChange]) -> list[RosterChange]:
    """Return the changes that changed these back."""
    return list(RosterChange.select().where(RosterChange.undoes.in_([row.id for row in rows])))


def changes_of(specialty: Specialty) -> "peewee.ModelSelect[Any]":
    """Select a specialty's changes, newest first."""
    rows = RosterChange.select(RosterChange, Staff).join(Staff).where(RosterChange.specialty == specialty)
    return rows.order_by(RosterChange.id.desc())


def _put(slot: Slot, values: Values) -> None:
    """Fill a slot, or empty it. Belongs into a transaction."""
    kind, owner, key = slot
    if kind == WEEK:
        DoctorWeek.delete().where((DoctorWeek.doctor == owner) & (DoctorWeek.begins == key)).execute()
        if values is not None:
            DoctorWeek.create(doctor=owner, begins=key, ends=values["ends"], days=values["days"])
    elif kind == DAY:
        DoctorDay.delete().where((DoctorDay.doctor == owner) & (DoctorDay.day == key)).execute()
        if values is not None:
            DoctorDay.create(doctor=owner, day=key, part=values["part"], reason=values["reason"])
    else:
        _put_hours(kind, owner, key, values)


def _put_hours(kind: str, specialty: int, key: str, values: Mapping[str, object] | None) -> None:
    columns: dict[str, Any] = {WEEKDAY: SpecialtyHours.weekday, DATE: SpecialtyHours.day}
    column = columns[kind]
    SpecialtyHours.delete().where((SpecialtyHours.specialty == specialty) & (column == key)).execute()
    if values is not None:
        SpecialtyHours.create(specialty=specialty, **values, **{column.name: key})
