"""The patient's live panel: its contents, poll interval, and cache key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.base.clock import clinic_day
from portal.core.accounts.models import Staff
from portal.core.boards import patient_status
from portal.core.boards.endings import UNDO_WATCH, Ending, may_be_undone, reasons
from portal.core.boards.patient_status import Place
from portal.core.privacy import doors
from portal.core.visits import announcements, calling
from portal.core.visits.attendance import Present
from portal.core.visits.models import Announcement, Visit
from portal.core.visits.states import AWAITING_RECALL, CALLED, COMPLETED, FINAL, IN_CALL, READY, WAITING, WRITING
from portal.plugin_host.capabilities import Gaps, gaps
from portal.plugin_host.registry import registry
from portal.settings.clinic import QueueRules
from portal.store.versions import etag_of

# (people ahead, seconds between polls); farther back FAR plus a jitter by visit id.
INTERVALS = ((1, 1), (3, 2), (10, 5), (40, 10))
WITH_DOCTOR, SOON, FAR, ANOTHER_DAY = 3, 10, 14, 60
JITTER = 7
NOBODY_CALLS = 5  # while no doctor is on duty
PRESCRIPTION_WATCH = timedelta(minutes=10)


@dataclass(frozen=True)
class Turn:
    """Everything the panel shows."""

    visit: Visit
    status: dict[str, object]
    panel: str
    interval: int | None
    doctor: Staff | None
    doctors: Present
    here_until: datetime | None
    is_present: bool
    call_seconds: int
    misses_allowed: int
    more_seconds: int  # by which the call's deadline can still be extended
    said: tuple[str, ...]
    gaps: Gaps
    linking: tuple[str, ...]  # the plugins that may link to pages of theirs
    ending: Ending | None
    has_come: bool  # the day of this token
    is_past: bool  # that day is over
    is_early: bool  # before the clinic's opening
    is_stuck: bool  # the prescription is issued, but storing its file fails
    is_cancelled: bool  # the prescription was issued, and is cancelled
    is_closed: bool  # over, of a private specialty, and not opened with a code in this sign-in

    @property
    def clinic_key(self) -> tuple[object, ...]:
        """Equal keys show the same clinic: doctors, announcements, whether it is open, what works and what does not."""
        hours = (self.has_come, self.is_past, self.is_early)
        return (self.doctors.cache_key, *hours, self.gaps, self.linking, *self.said)

    @property
    def cache_key(self) -> tuple[object, ...]:
        """Equal keys render the same panel."""
        doctor = self.doctor.id if self.doctor else None
        return (
            self.panel,
            self.interval,
            tuple(self.status.values()),
            doctor,
            self.clinic_key,
            self.visit.state == AWAITING_RECALL and self.is_present,
            self.ending and self.ending.cache_key,
            self.here_until,
            self.visit.lapses,
            self.visit.attempt,
            self.more_seconds,
            self.is_stuck,
            self.is_cancelled,
            self.is_closed,
        )


@dataclass(frozen=True)
class Rules:
    """The settings a panel shows, the capabilities that do not work at the moment, and the plugins that link."""

    gaps: Gaps
    queue: QueueRules
    linking: tuple[str, ...] = ()


def rules() -> Rules:
    """Load the current settings and what works."""
    linking = tuple(name for name, _function in registry().implementations("visit_actions"))
    return Rules(gaps(registry()), QueueRules.in_force(), linking)


def turn_of(
    visit: Visit,
    now: datetime,
    place: Place | None = None,
    terms: Rules | None = None,
    said: list[Announcement] | None = None,
    is_opened: bool = False,
) -> Turn:
    """Build a visit's panel; place, rules and announcements are loaded if not given (the live layer caches them).

    `is_opened`: a code has opened this private visit. Such a page does not poll, as the cached panel is closed.
    """
    place, terms = place or patient_status.place_of(visit, now), terms or rules()
    may_ask = calling.may_ask_for_time(visit, terms.queue.call_seconds, terms.queue.more_time_seconds, now)
    session, is_closed = visit.session, doors.is_private(visit) and not is_opened
    status = patient_status.status(visit, now, place, is_opened=is_opened)
    return Turn(
        visit=visit,
        status=status,
        panel=_panel(visit, status),
        interval=None if is_opened else _interval(visit, place, now),
        doctor=None if is_closed else visit.doctor,
        doctors=place.doctors,
        here_until=_promised(visit, terms, now),
        is_present=bool(visit.here_until and visit.here_until > now),
        call_seconds=terms.queue.call_seconds,
        misses_allowed=terms.queue.lapses_allowed + 1,
        more_seconds=terms.queue.more_time_seconds if may_ask else 0,
        said=_said(visit, announcements.current(session, now) if said is None else said, now),
        gaps=terms.gaps,
        linking=terms.linking,
        ending=place.ending,
        has_come=session.has_come(now),
        is_past=session.day < clinic_day(now),
        is_early=session.opens_at > now,
        is_stuck=place.paper.is_stuck,
        is_cancelled=place.paper.is_cancelled,
        is_closed=is_closed,
    )


def _panel(visit: Visit, status: dict[str, object]) -> str:
    if visit.state == WAITING:
        return "waiting" if status["ahead"] else "next"
    if visit.state in FINAL:
        return "over"
    return {CALLED: "now", IN_CALL: "now", WRITING: "held", AWAITING_RECALL: "held"}[visit.state]


def _interval(visit: Visit, place: Place, now: datetime) -> int | None:
    """Return the poll interval in seconds: short near the turn, jittered far back, None when nothing can change."""
    if visit.state in FINAL:
        return SOON if now - visit.state_since < _watched(visit, place) else None
    if visit.state in (IN_CALL, WRITING):
        return WITH_DOCTOR
    if not visit.session.has_come(now):
        return ANOTHER_DAY
    for ahead, seconds in INTERVALS:
        if place.ahead <= ahead:
            return seconds if any(row.state == "on" for row in place.doctors) else max(seconds, NOBODY_CALLS)
    return FAR + visit.id % JITTER


def _watched(visit: Visit, place: Place) -> timedelta:
    """Return how long to poll after the end: for the prescription file, or the doctor's undo."""
    if visit.state == COMPLETED:
        return timedelta(0) if place.paper.address else PRESCRIPTION_WATCH
    return UNDO_WATCH if may_be_undone(visit) else timedelta(0)


def _said(visit: Visit, rows: list[Announcement], now: datetime) -> tuple[str, ...]:
    """Return unexpired announcements; none once called, as they concern waiting."""
    if visit.state not in READY:
        return ()
    return tuple(announcements.sentence(row) for row in rows if row.until > now)


def _promised(visit: Visit, terms: Rules, now: datetime) -> datetime | None:
    """Until when a tap on "I am here" keeps the patient present; None if presence is due to polls only."""
    by_page = now + timedelta(seconds=terms.queue.presence_seconds)
    return visit.here_until if visit.here_until and visit.here_until > by_page else None


def turn_context(turn: Turn, ticket: str, now: datetime) -> dict[str, Any]:
    """Build the context of the patient's live block."""
    return {
        "visit": turn.visit,
        "turn": turn,
        "facts": turn.status,
        "now": now,
        "interval": turn.interval,
        "ticket": ticket,
        "etag": etag_of(turn.cache_key),
        "ending_reasons": reasons() if turn.ending else {},
    }
