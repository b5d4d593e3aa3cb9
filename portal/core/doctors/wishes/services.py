"""Asking for leave or a swap, and the answers. What is approved is done by `planning.changing`, as every change is."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.doctors.planning import fields
from portal.core.doctors.planning.deeds import Deed
from portal.core.doctors.planning.forms import READERS, place_of
from portal.core.doctors.wishes import reading
from portal.core.doctors.wishes.models import (
    ANSWERED,
    COLLEAGUE,
    DECLINED,
    OPEN,
    REFUSED,
    STANDING,
    WITHDRAWN,
    RosterWish,
    RosterWishAnswered,
    RosterWishAsked,
)
from portal.core.rosters.book import FIRST, SECOND
from portal.store.db import locked, one_at_a_time, write
from portal.work.audit import Actor
from portal.work.events import record


def ask(kind: str, form: Mapping[str, str], doctor: Staff, *, by: Actor, now: datetime) -> RosterWish:
    """Ask for leave or a swap, from the fields of the administrator's form.

    Raises Invalid as that form does, Conflict when one of the days is asked for already.
    """
    wish = _read(kind, {**form, "doctor": doctor.username}, doctor, now)
    with write():
        one_at_a_time(f"wishes {doctor.id}")
        own = reading.wishes().where(reading.is_standing(now) & (RosterWish.doctor == doctor))
        if any(_own_days(wish) & _own_days(each) for each in own):
            raise Conflict(_("You have asked for one of these days already. Withdraw that request first."))
        wish.save(force_insert=True)
        record(RosterWishAsked(kind=kind), wish.uid, by=by, now=now)
    return wish


def _read(kind: str, form: Mapping[str, str], doctor: Staff, now: datetime) -> RosterWish:
    if doctor.specialty is None:
        raise NotFound
    today, problems = clinic_day(now), dict[str, str]()
    READERS[kind](form, place_of(doctor.specialty, today), today)
    names = ("day", "other_day") if kind == "swap" else ("day", "until")
    days = {name: fields.day(form, name, today, problems) for name in names if form.get(name, "").strip()}
    wish = RosterWish(kind=kind, doctor=doctor, reason=fields.reason(form), asked_at=now, **days)
    if kind == "swap":
        wish.other, wish.state = Staff.get(Staff.username == form["other"]), COLLEAGUE
    elif form.get("half") in (FIRST, SECOND):
        wish.half = form["half"]
    return wish


def _own_days(wish: RosterWish) -> set[date]:
    last = wish.until or wish.day
    return {wish.day + timedelta(days=step) for step in range((last - wish.day).days + 1)} | {wish.other_day or last}


def agree(uid: str, colleague: Staff, *, by: Actor, now: datetime) -> None:
    """Agree to a swap: it goes on to the administrator. Raises NotFound, Conflict when it does not wait for that."""
    _answer(uid, OPEN, (COLLEAGUE,), RosterWish.other == colleague, by=by, now=now)


def decline(uid: str, colleague: Staff, *, by: Actor, now: datetime) -> None:
    """Decline a swap, also after agreeing to it. Raises NotFound, Conflict once it is answered."""
    _answer(uid, DECLINED, STANDING, RosterWish.other == colleague, by=by, now=now)


def withdraw(uid: str, doctor: Staff, *, by: Actor, now: datetime) -> None:
    """Take the own wish back. Raises NotFound, Conflict once it is answered."""
    _answer(uid, WITHDRAWN, STANDING, RosterWish.doctor == doctor, by=by, now=now)


def put_away(uid: str, doctor: Staff, *, by: Actor, now: datetime) -> None:
    """The asker, or the colleague of a swap, has read the answer. Raises NotFound."""
    mine = (RosterWish.doctor == doctor) | (RosterWish.other == doctor)
    with write():
        wish: RosterWish | None = locked(RosterWish.select().where((RosterWish.uid == uid) & mine)).first()
        if wish is None or wish.state not in ANSWERED:
            raise NotFound
        column = RosterWish.seen_at if wish.doctor == doctor else RosterWish.other_seen_at
        RosterWish.update({column: now}).where((RosterWish.id == wish.id) & column.is_null()).execute()


def refuse(uid: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Refuse a wish. Raises Invalid without a reason, NotFound, Conflict once it is answered."""
    said = fields.reason({"reason": reason})
    if not said:
        raise Invalid({"reason": _("Say why: the doctor reads it.")})
    _answer(uid, REFUSED, STANDING, RosterWish.uid == uid, said, by=by, now=now)


def deed_of(wish: RosterWish, now: datetime) -> Deed:
    """Return the change of the roster that is wished, as of now. Raises Conflict when it cannot be done any more."""
    asked_of = [doctor for doctor in (wish.doctor, wish.other) if doctor is not None]
    specialty = wish.doctor.specialty
    if specialty is None or any(doctor.disabled_at or doctor.specialty_id != specialty.id for doctor in asked_of):
        raise Conflict(_("Not all of these doctors are in this specialty any more."))
    place = place_of(specialty, clinic_day(now))
    try:
        return Deed(wish.kind, specialty, READERS[wish.kind](wish.form, place, clinic_day(now)))
    except Invalid as error:
        raise Conflict(_("It cannot be done as it was asked: %(why)s", why=" ".join(error.fields.values()))) from error


def _answer(
    uid: str,
    answer: str,
    states: tuple[str, ...],
    whose: peewee.Expression,
    said: str = "",
    *,
    by: Actor,
    now: datetime,
) -> None:
    with write():
        write_answer(standing(uid, states, whose, now), answer, said, by=by, now=now)


def standing(uid: str, states: tuple[str, ...], whose: peewee.Expression, now: datetime) -> RosterWish:
    """Lock a wish that waits in one of these states. Belongs into a transaction. Raises NotFound, Conflict."""
    found: RosterWish | None = locked(RosterWish.select().where((RosterWish.uid == uid) & whose)).first()
    if found is None:
        raise NotFound
    if found.state_at(now) not in states:
        raise Conflict(
            _("This request is answered or withdrawn already, its day has passed, or it waits for somebody else.")
        )
    return found


def write_answer(wish: RosterWish, answer: str, said: str = "", change: str = "", *, by: Actor, now: datetime) -> None:
    """Write the answer to a wish that is locked; `change` is the uid of the change of the roster that was made."""
    values: dict[str, Any] = {"answered_by": Staff.get(Staff.uid == by.uid), "answered_at": now, "answer": said}
    RosterWish.update(state=answer, **values).where(RosterWish.id == wish.id).execute()
    record(RosterWishAnswered(answer=answer, change=change), wish.uid, by=by, now=now)
