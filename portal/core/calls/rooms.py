"""Room of a call attempt: opened once, joined by both, closed when the visit moves on."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from portal.base.errors import Conflict, Gone, NotFound
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.contracts import Action, GatewayError, JoinLink, Participant, Room, VisitFact
from portal.core.accounts.models import SignIn, Staff
from portal.core.accounts.sign_ins import keeps_signed_in
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls import call_log, helping
from portal.core.calls.models import CallRoom
from portal.core.calls.modes import PHONE
from portal.core.visits.models import AT_DESK, DeskHelp, Visit
from portal.core.visits.states import ACTIVE, IN_CALL, WRITING
from portal.plugin_host import fallbacks
from portal.plugin_host.capabilities import counts_use
from portal.plugin_host.registry import Registry
from portal.store.db import claim, write
from portal.work import audit
from portal.work.audit import Actor

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Call:
    """The call on one side's page: a join link, or the patient's number, which the doctor has opened or not."""

    link: JoinLink | None
    phone: str = ""
    mode: str = "video"
    is_phoned: bool = False


def require_open(visit: Visit) -> None:
    """Check that a room may be open, from "Call now" to completion. Raises NotFound before the first call, or Gone."""
    if visit.attempt == 0:
        raise NotFound
    if visit.state not in (IN_CALL, WRITING):
        raise Gone(_("This call is over. Your visit's page says what comes next."))


def enter_as_patient(registry: Registry, visit: Visit, *, name: str, language: str, by: Actor, now: datetime) -> Call:
    """Make the patient's join link. Raises Gone when the room was closed."""
    participant = Participant(visit.beneficiary.uid, "patient", name, language)
    return _enter(registry, visit, participant, by=by, now=now)


def answer_by_phone(registry: Registry, visit: Visit, *, by: Actor, now: datetime) -> None:
    """Say from the patient's side that this call goes on by telephone: the doctor's page asks to phone."""
    open_room(registry, visit, by=by, now=now)
    call_log.answer_by_phone(visit, by=by, now=now)


def enter_as_helper(
    registry: Registry, visit: Visit, desk: Staff, *, name: str, language: str, by: Actor, now: datetime
) -> Call:
    """Make the join link of the patient's side for the desk that sits with the patient; its name goes into the log.

    Raises NotFound where this desk's centre does not help, Conflict for who waits at the telephone, Gone.
    """
    helped = DeskHelp.select().join(Staff).where((DeskHelp.visit == visit) & (Staff.centre == desk.centre)).first()
    if helped is None or desk.centre is None:
        raise NotFound
    if helped.way != AT_DESK:
        raise Conflict(_("This person waits at home, by the telephone. The doctor phones there."))
    call = enter_as_patient(registry, visit, name=name, language=language, by=by, now=now)
    call_log.note_helper(visit, desk.uid, desk.centre.code, by=by, now=now)
    return replace(call, phone=helped.phone or call.phone) if call.phone else call


def may_sit(patient_uid: str, desk_uid: str) -> bool:
    """May this member of a desk sit with the patient: present at the desk of the same centre, and in a call now?"""
    colleague = Staff.alias()
    here = (Staff.uid == desk_uid) & (Staff.role == "desk") & (Beneficiary.uid == patient_uid)
    helped = (
        DeskHelp.select()
        .join(Visit)
        .join(Beneficiary)
        .switch(DeskHelp)
        .join(colleague, on=(DeskHelp.staff == colleague.id))
        .join(Staff, on=(Staff.centre == colleague.centre))
    )
    return bool(helped.where(here & (DeskHelp.way == AT_DESK) & Visit.state.in_((IN_CALL, WRITING))).exists())


@keeps_signed_in
def is_helping(row: SignIn) -> bool:
    """Exempt from the idle timeout the desk that sits with a patient in a call."""
    return bool(row.staff and helping.calls_helped_by(row.staff.uid, IN_CALL))


def enter_as_doctor(
    registry: Registry, visit: Visit, doctor: Staff, *, name: str, language: str, by: Actor, now: datetime
) -> Call:
    """Make the doctor's join link. Raises Gone when the room was closed."""
    return _enter(registry, visit, Participant(doctor.uid, "doctor", name, language), by=by, now=now)


def open_room(registry: Registry, visit: Visit, *, by: Actor, now: datetime) -> CallRoom:
    """Open the one room of this call attempt. Idempotent: of two concurrent callers the second uses the first one's
    room.

    No hook runs inside a transaction, so the room is created first and stored after. Raises Gone when it was closed.
    """
    found = _room_of(visit)
    if found is None:
        room = _create(registry, visit, now)
        found = _store(visit, room, by=by, now=now)
        if found.uid != room.uid:
            _close_at_provider(registry, room)
    if found.closed_at is not None:
        raise Gone(_("This call is over. Your visit's page says what comes next."))
    return found


def is_current(uid: str) -> bool:
    """Tell whether this room may still be joined; plugins ask before they admit anybody (S53)."""
    here = (CallRoom.uid == uid) & CallRoom.closed_at.is_null() & (CallRoom.attempt == Visit.attempt)
    return CallRoom.select().join(Visit).where(here & Visit.state.in_((IN_CALL, WRITING))).exists()


def close_rooms(registry: Registry, visit: Visit, *, now: datetime, why: str = "") -> None:
    """Close the open rooms of a visit that moved on: all, or those of earlier attempts while it is active."""
    for row in CallRoom.select().where((CallRoom.visit == visit) & CallRoom.closed_at.is_null()):
        if visit.state not in ACTIVE or row.attempt != visit.attempt:
            _close(registry, row, now, why)


def ended_rooms(limit: int = 50) -> list[CallRoom]:
    """List open rooms whose visit has moved on."""
    over = Visit.state.not_in(ACTIVE) | (Visit.attempt != CallRoom.attempt)
    return list(CallRoom.select(CallRoom, Visit).join(Visit).where(CallRoom.closed_at.is_null() & over).limit(limit))


@counts_use
def open_rooms(provider: str) -> int:
    """Count the open rooms of this provider: it stays reachable until they are closed."""
    return int(CallRoom.select().where((CallRoom.provider == provider) & CallRoom.closed_at.is_null()).count())


def as_fact(row: CallRoom) -> Room:
    """Map a room to what plugins know of it."""
    return Room(row.uid, row.visit.uid, row.attempt, row.provider, row.name)


def _enter(registry: Registry, visit: Visit, participant: Participant, *, by: Actor, now: datetime) -> Call:
    """Make the join link, or none in telephone mode, whichever provider the room has: the doctor's choice holds."""
    row = open_room(registry, visit, by=by, now=now)
    mode = call_log.mode_of(visit)
    if mode == PHONE:
        return Call(None, visit.beneficiary.account.mobile, mode, call_log.is_number_shown(row))
    link = _link(registry, row, participant, now)
    return Call(link, "" if link else visit.beneficiary.account.mobile, mode)


def _link(registry: Registry, row: CallRoom, participant: Participant, now: datetime) -> JoinLink | None:
    try:
        link: JoinLink | None = registry.ask(
            row.provider, "join_link", room=as_fact(row), participant=participant, now=now
        )
    except GatewayError as error:
        log.warning("room_cannot_be_entered", provider=row.provider, permanent=error.permanent)
        return None
    return link


def _room_of(visit: Visit) -> CallRoom | None:
    found: CallRoom | None = CallRoom.get_or_none((CallRoom.visit == visit) & (CallRoom.attempt == visit.attempt))
    return found


def _create(registry: Registry, visit: Visit, now: datetime) -> Room:
    """Create a room with the first video plugin that can; the fallback is a telephone call."""
    fact = VisitFact(visit.uid, visit.token, visit.session.specialty.code, visit.attempt)
    try:
        return fallbacks.open_room(registry, fact, now)
    except GatewayError as error:
        log.warning("no_video_room", permanent=error.permanent)
        return Room(random_uid(), visit.uid, visit.attempt, fallbacks.TELEPHONE, random_uid())


def _store(visit: Visit, room: Room, *, by: Actor, now: datetime) -> CallRoom:
    """Store the room; the unique attempt decides who was first."""
    with write():
        CallRoom.insert(
            uid=room.uid, visit=visit, attempt=visit.attempt, provider=room.provider, name=room.name, opened_at=now
        ).on_conflict_ignore().execute()
        kept = CallRoom.get((CallRoom.visit == visit) & (CallRoom.attempt == visit.attempt))
        if kept.uid == room.uid:
            audit.note("RoomOpened", visit.uid, by=by, now=now, attempt=visit.attempt, provider=room.provider)
    return kept


def _close(registry: Registry, row: CallRoom, now: datetime, why: str) -> None:
    if not _close_at_provider(registry, as_fact(row)):
        return
    with write():
        if claim(CallRoom.update(closed_at=now).where((CallRoom.id == row.id) & CallRoom.closed_at.is_null())):
            call_log.note_end(row, why, now)


def _close_at_provider(registry: Registry, room: Room) -> bool:
    """Close the room at its provider; False when that must be retried."""
    try:
        registry.ask(room.provider, "close_room", room=room)
    except GatewayError as error:
        log.warning("room_not_closed", provider=room.provider, permanent=error.permanent)
        return error.permanent
    return True


def actions_of(registry: Registry, visit: Visit, role: str) -> list[Action]:
    """List the links of all enabled plugins, for the patient (`beneficiary`) or the `doctor` of this visit."""
    fact = VisitFact(visit.uid, visit.token, visit.session.specialty.code, visit.attempt)
    answers = registry.collect("visit_actions", visit=fact, state=visit.state, role=role)
    return [action for answer in answers for action in answer]
