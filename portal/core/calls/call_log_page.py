"""The doctor's panel of a visit's calls: the log in words, and the telephone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.calls import call_log, helping, modes
from portal.core.calls.call_log import Attempt
from portal.core.calls.call_log_fold import DOCTOR, GUEST, PATIENT, CallLog, Entry
from portal.core.calls.helping import Helper
from portal.core.calls.models import CallRoom
from portal.core.calls.modes import PHONE
from portal.core.visits.events import (
    DoctorLost,
    VisitCalled,
    VisitCompleted,
    VisitNotHeld,
    VisitSkipped,
    VisitTransferred,
)
from portal.core.visits.models import DeskHelp, Visit
from portal.core.visits.states import ACTIVE, IN_CALL, WRITING
from portal.plugin_host.fallbacks import TELEPHONE
from portal.plugin_host.registry import Registry


@dataclass(frozen=True)
class Shown:
    """One attempt: provider, outcome, and its events with their times."""

    number: int
    at: datetime
    provider: str
    outcome: str
    lines: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True)
class Panel:
    """The calls of a visit. `reach` is the number to phone, shown whole (`number`) only after the doctor opened it.

    `helped`: the desk that helps with the visit; `helpers`: who of it sits with the patient in this call.
    `seen` changes with what is shown.
    """

    attempts: tuple[Shown, ...]
    mode: str
    gone_since: datetime | None
    reach: str
    number: str
    helped: DeskHelp | None
    helpers: tuple[Helper, ...]
    can_phone: bool
    can_return: bool
    seen: str


def panel_of(registry: Registry, visit: Visit, now: datetime, *, told: str | None = None) -> Panel:
    """Build the panel as it is now. `told`: the mode of the notes; without, the call's own."""
    attempts = call_log.attempts_of(visit, now)
    room = attempts[-1].room if attempts and attempts[-1].room.attempt == visit.attempt else None
    mode = call_log.mode_of(visit)
    open_call = room is not None and visit.state in (IN_CALL, WRITING)
    is_shown = open_call and room is not None and call_log.is_number_shown(room)
    by_phone = mode == PHONE
    helped = DeskHelp.get_or_none(DeskHelp.visit == visit)
    sat = helping.helpers_by_room(visit) if helped else {}
    shown = tuple(_shown(registry, attempt, visit, sat.get(attempt.room.id, [])) for attempt in attempts)
    helped = helped if visit.state in ACTIVE else None
    reach = (helped.phone if helped else "") or visit.beneficiary.account.mobile
    return Panel(
        attempts=shown,
        mode=mode if told is None else told,
        gone_since=_gone_since(visit, now),
        reach=reach,
        number=reach if is_shown else "",
        helped=helped,
        helpers=tuple(sat.get(room.id, ())) if open_call and room is not None else (),
        can_phone=open_call and not (is_shown and by_phone),
        can_return=open_call and by_phone and room is not None and room.provider != TELEPHONE,
        seen=f"{visit.state}-{mode}-{told}-{'-'.join(str(len(each.lines)) for each in shown)}",
    )


def _gone_since(visit: Visit, now: datetime) -> datetime | None:
    """Return since when the picture is reported gone, in a call that was by video."""
    if visit.doctor is None:
        return None
    sight = call_log.sight_of(visit, visit.doctor.uid, now)
    return sight.gaps[-1][0] if sight.enough_at and sight.is_gone(now) else None


def _shown(registry: Registry, attempt: Attempt, visit: Visit, sat: list[Helper]) -> Shown:
    room, log = attempt.room, attempt.log
    is_over = room.closed_at is not None or visit.state not in ACTIVE or room.attempt != visit.attempt
    lines = sorted((*_lines(log, room), *map(_sits, sat)), key=lambda line: line[0])
    return Shown(room.attempt, room.opened_at, _provider(registry, room), _outcome(log, is_over=is_over), tuple(lines))


def _provider(registry: Registry, room: CallRoom) -> str:
    if room.provider == TELEPHONE:
        return _("Telephone")
    return registry.title(room.provider) if room.provider in registry.installed else room.provider


def _outcome(log: CallLog, *, is_over: bool) -> str:
    if not is_over:
        return _("Under way.")
    if log.outcome == "both":
        return _("Both were in the call, together for %(minutes)s min.", minutes=_minutes(log.together))
    return {
        "phoned": _("The doctor took the number to phone."),
        "patient only": _("Only the patient came."),
        "doctor only": _("Only the doctor came."),
        "nobody": _("Nobody came into the call."),
    }[log.outcome]


def _minutes(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02d}"


def _lines(log: CallLog, room: CallRoom) -> Iterator[tuple[datetime, str]]:
    for stay in log.stays:
        yield stay.since, _came(stay.role)
        if stay.until is not None:
            yield stay.until, _went(stay.role)
    for moment in log.moments:
        yield moment.at, _moment(moment)
    if room.closed_at is not None:
        yield room.closed_at, _ended(log.ended)


def _sits(helper: Helper) -> tuple[datetime, str]:
    who, centre = in_language(helper.staff), in_language(helper.centre)
    return helper.since, _("%(name)s of the desk of %(centre)s sits with the patient", name=who, centre=centre)


def _came(role: str) -> str:
    return {PATIENT: _("The patient joined"), DOCTOR: _("The doctor joined"), GUEST: _("A guest joined")}[role]


def _went(role: str) -> str:
    return {PATIENT: _("The patient left"), DOCTOR: _("The doctor left"), GUEST: _("A guest left")}[role]


def _moment(moment: Entry) -> str:
    if moment.kind == "phoned":
        return _("The doctor took the patient's number")
    if moment.kind == "failed":
        return _("The video failed")
    if moment.kind == "quality":
        return _("The patient's line was poor") if moment.role == PATIENT else _("The line was poor")
    if moment.role == call_log.STATED:
        return _("The doctor's notes state: %(mode)s", mode=modes.names()[moment.word])
    return {
        "video": _("From here on with video"),
        "audio": _("From here on voice only"),
        "phone": _("From here on by telephone"),
        "text": _("From here on in writing"),
    }[moment.word]


def _ended(why: str) -> str:
    words = {
        VisitCompleted.name: _("Ended: the visit was completed"),
        VisitSkipped.name: _("Ended: set aside by the doctor, to be called later"),
        VisitTransferred.name: _("Ended: sent on to another doctor"),
        VisitNotHeld.name: _("Ended: the consultation was not held"),
        DoctorLost.name: _("Ended: the doctor's page was silent"),
        VisitCalled.name: _("Ended: the patient was called again"),
    }
    return words.get(why, _("Ended: the visit went on"))
