"""Call log: append-only events reported by pages, servers and the doctor. It never changes a visit.

The mode of a call is audited with its time, because it decides what may be prescribed (TPG 2020, domain.md 1.6).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import peewee

from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.calls import sight
from portal.core.calls.call_log_fold import DOCTOR, GUEST, PATIENT, QUALITIES, CallLog, Entry, fold
from portal.core.calls.models import HELPED, HELPER, CallEvent, CallRoom
from portal.core.calls.modes import MODES, PHONE, VIDEO_MODES
from portal.core.calls.sight import Recorded, Sight
from portal.core.visits.models import Visit
from portal.plugin_host.fallbacks import TELEPHONE
from portal.store.db import write
from portal.store.prepared import Prepared
from portal.work import audit
from portal.work.audit import SYSTEM, Actor
from portal.work.catalogue import DomainEvent
from portal.work.events import record

What = Literal["joined", "left", "mode", "quality", "failed"]
MOST_EVENTS = 400  # a long call on a poor connection has a few dozen
STATED = ""  # the role of a mode that the doctor states in the notes
WORDS = {"mode": VIDEO_MODES, "quality": QUALITIES}
OF_A_COLLEAGUE = {(DOCTOR, "joined"), (DOCTOR, "left")}


@dataclass(frozen=True)
class CallModeChanged(DomainEvent, about="the visit"):
    """A call goes on in another mode."""

    attempt: Annotated[int, "which call of the visit, from 1"]
    mode: Annotated[str, "video, audio, phone or text"]


@dataclass(frozen=True)
class Attempt:
    """One call attempt of a visit, with its log."""

    room: CallRoom
    log: CallLog


def report(
    room_uid: str,
    participant_uid: str,
    what: What,
    now: datetime,
    *,
    connection: str = "",
    word: str = "",
    at: datetime | None = None,
) -> bool:
    """Store the event that a video plugin reports of a participant. Idempotent. Returns False for a duplicate, a stale
    report or one over the limit.

    `connection` names the participant's page. `word` is the mode (video, audio), the quality (good, fair, poor), what
    failed, or "goodbye" of somebody who left by the button: without it a patient who leaves counts as lost. `at` is
    when it happened, if that was earlier. Raises NotFound for an unknown room, Invalid for an unknown word.
    """
    if what in WORDS and word not in WORDS[what]:
        raise Invalid({"word": _("Choose one of the list.")})
    with write():
        room = _room(room_uid)
        if room.closed_at is not None and what != "left":
            return False
        moment = min(max(at or now, room.opened_at), room.closed_at or now)
        return _append(room, what, participant_uid, moment, now, connection=connection[:64], word=word[:40])


def change_mode(visit: Visit, mode: str, *, by: Actor, now: datetime) -> None:
    """Switch to telephone, or back to video. The doctor sees the patient's number from now on, which is audited.

    Raises Invalid for an unknown mode, NotFound without a call.
    """
    if mode not in MODES:
        raise Invalid({"mode": _("Choose one of the list.")})
    room = _present_room(visit)
    if room is None:
        raise NotFound
    with write():
        if mode == PHONE and not is_number_shown(room):
            _insert(room, "phoned", now, now, role=DOCTOR, participant=by.uid)
            audit.note("NumberShown", visit.uid, by=by, now=now, attempt=room.attempt)
        _change_mode(room, mode, DOCTOR, by, now, now)


def answer_by_phone(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Store that the patient's side answers this call by telephone. Without a room nothing is stored."""
    room = _present_room(visit)
    if room is not None and _mode_in(room) != PHONE:
        _change_mode(room, PHONE, PATIENT, by, now, now)


def note_helper(visit: Visit, uid: str, centre: str, *, by: Actor, now: datetime) -> None:
    """Store that somebody of a centre's desk sits with the patient in this call (audited). Idempotent."""
    with write():
        room = _present_room(visit)
        if room is not None and not _is_known(room, HELPED, HELPER, uid, centre):
            _insert(room, HELPED, now, now, role=HELPER, participant=uid, connection=uid, word=centre)
            audit.note("CallHelped", visit.uid, by=by, now=now, attempt=room.attempt)


def follow_statement(visit: Visit, mode: str, *, by: Actor, now: datetime) -> None:
    """Go on by telephone, or no longer, as the doctor's notes state. A statement is no report: it has no role."""
    room = _present_room(visit)
    if room is not None and room.closed_at is None and (mode == PHONE) != (_mode_in(room) == PHONE):
        _change_mode(room, mode, STATED, by, now, now)


def mode_of(visit: Visit) -> str:
    """Return the current mode of the call, or the last one; "" when nothing was reported."""
    room = _present_room(visit)
    return _mode_in(room) if room else ""


def sight_of(visit: Visit, doctor_uid: str, now: datetime) -> Sight:
    """Tell what the calls of this visit with this doctor say of the picture."""
    calls = [Recorded(_entries(room, of_doctor=doctor_uid), room.closed_at) for room in _rooms.all(visit.id)]
    return sight.sight_of(calls, now)


def is_number_shown(room: CallRoom) -> bool:
    """Tell whether the doctor has opened the patient's number in this attempt."""
    return _last_of_kind.first(room.id, "phoned") is not None


def is_there(room_uid: str, role: str, *, now: datetime) -> bool:
    """Tell whether somebody of this role is present in the call, by the reports."""
    room = _room(room_uid)
    return _log_of(room, now).is_there(role)


def note_end(room: CallRoom, why: str, now: datetime) -> None:
    """Store the end of the room; `why` is the event that ended it."""
    _insert(room, "ended", now, now, word=why[:40])


def attempts_of(visit: Visit, now: datetime) -> list[Attempt]:
    """Return every attempt of a visit, the first one first."""
    return [Attempt(room, _log_of(room, now)) for room in _rooms.all(visit.id)]


def _log_of(room: CallRoom, now: datetime) -> CallLog:
    return fold(_entries(room), closed_at=room.closed_at, now=now)


def _entries(room: CallRoom, *, of_doctor: str = "") -> list[Entry]:
    """Read the events of a room; `of_doctor`: without colleagues who joined or left."""
    return [
        Entry(row.at, row.kind, row.role, row.connection, row.word)
        for row in _events.all(room.id)
        if not of_doctor or row.participant == of_doctor or (row.role, row.kind) not in OF_A_COLLEAGUE
    ]


def _append(
    room: CallRoom, what: What, participant: str, at: datetime, now: datetime, *, connection: str, word: str
) -> bool:
    role = _role_of(room, participant)
    if CallEvent.select().where(CallEvent.room == room).count() >= MOST_EVENTS:
        return False
    if what == "mode":
        return role != GUEST and _mode_in(room) != PHONE and _change_mode(room, word, role, SYSTEM, at, now)
    if _is_known(room, what, role, connection, word):
        return False
    _insert(room, what, at, now, role=role, participant=participant, connection=connection, word=word)
    if what in {"joined", "left"}:
        audit.note("Call" + what.title(), room.visit.uid, by=SYSTEM, now=now, role=role, attempt=room.attempt)
    return True


def _change_mode(room: CallRoom, mode: str, role: str, by: Actor, at: datetime, now: datetime) -> bool:
    """Store the mode with its time, also the first one: it is a report. A change is audited."""
    last, before = _last_mode(room), _mode_in(room)
    if last is not None and (last.word, last.role) == (mode, role):
        return False
    with write():
        _insert(room, "mode", at, now, role=role, word=mode)
        if before != mode:
            record(CallModeChanged(attempt=room.attempt, mode=mode), room.visit.uid, by=by, now=now)
    return True


def _insert(room: CallRoom, kind: str, at: datetime, now: datetime, **values: str) -> None:
    CallEvent.insert(room=room, kind=kind, at=at, heard_at=now, **values).execute()


def _is_known(room: CallRoom, what: str, role: str, connection: str, word: str) -> bool:
    """Deduplicate: a page joins once and leaves once; of quality only changes are stored."""
    same = (CallEvent.room == room) & (CallEvent.kind == what) & (CallEvent.role == role)
    if what == "quality":
        last = CallEvent.select().where(same).order_by(CallEvent.id.desc()).first()
        return last is not None and last.word == word
    same &= (CallEvent.connection == connection) & (CallEvent.word == word)
    return CallEvent.select().where(same).exists()


def _mode_in(room: CallRoom) -> str:
    last = _last_mode(room)
    return last.word if last else PHONE if room.provider == TELEPHONE else ""


def _last_mode(room: CallRoom) -> CallEvent | None:
    found: CallEvent | None = _last_of_kind.first(room.id, "mode")
    return found


def _role_of(room: CallRoom, participant: str) -> str:
    if participant == room.visit.beneficiary.uid:
        return PATIENT
    return DOCTOR if Staff.select().where(Staff.uid == participant).exists() else GUEST


def _room(uid: str) -> CallRoom:
    room: CallRoom | None = CallRoom.get_or_none(CallRoom.uid == uid)
    if room is None:
        raise NotFound
    return room


def _present_room(visit: Visit) -> CallRoom | None:
    found: CallRoom | None = _room_of_attempt.first(visit.id, visit.attempt)
    return found


@Prepared
def _last_of_kind(room: object, kind: object) -> peewee.Select:
    of_kind = CallEvent.select().where((CallEvent.room == room) & (CallEvent.kind == kind))
    return of_kind.order_by(CallEvent.id.desc()).limit(1)


@Prepared
def _rooms(visit: object) -> peewee.Select:
    return CallRoom.select().where(CallRoom.visit == visit).order_by(CallRoom.attempt)


@Prepared
def _room_of_attempt(visit: object, attempt: object) -> peewee.Select:
    return CallRoom.select().where((CallRoom.visit == visit) & (CallRoom.attempt == attempt))


@Prepared
def _events(room: object) -> peewee.Select:
    return CallEvent.select().where(CallEvent.room == room)
