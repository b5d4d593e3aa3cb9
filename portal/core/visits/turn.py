"""The patient's live page: one panel in plain words, how often it is fetched, and the mark by which it is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.visits import board
from portal.core.visits.duty import present
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import AWAITING_RECALL, CALLED, COMPLETED, FINAL, IN_CALL, WAITING, WRITING

NEAR, SOON, FAR = 2, 5, 10  # seconds between two looks
NEAR_AHEAD, SOON_AHEAD = 3, 10
JITTER = 4
PRESCRIPTION_WATCH = timedelta(minutes=10)


@dataclass(frozen=True)
class Turn:
    """Everything the panel shows."""

    visit: Visit
    status: dict[str, object]
    panel: str
    interval: int | None
    doctor: Staff | None
    doctors: list[Duty]
    here_until: datetime | None
    call_seconds: int
    misses_allowed: int

    @property
    def mark(self) -> tuple[object, ...]:
        """Two equal marks show the same panel."""
        doctors = tuple((duty.doctor_id, duty.state, duty.until) for duty in self.doctors)
        doctor = self.doctor.id if self.doctor else None
        return (self.panel, self.interval, tuple(self.status.values()), doctor, doctors,
                self.here_until, self.visit.lapses, self.visit.attempt)  # fmt: skip


def turn_of(visit: Visit, now: datetime) -> Turn:
    """The panel of one visit at one moment."""
    status = board.status(visit, now)
    return Turn(
        visit=visit,
        status=status,
        panel=_panel(visit, status),
        interval=_interval(visit, status, now),
        doctor=visit.doctor,
        doctors=present(visit.session) if visit.state in (WAITING, AWAITING_RECALL) else [],
        here_until=_promised(visit, now),
        call_seconds=settings.number("call_seconds"),
        misses_allowed=settings.number("lapses_allowed") + 1,
    )


def _panel(visit: Visit, status: dict[str, object]) -> str:
    if visit.state == WAITING:
        return "waiting" if status["ahead"] else "next"
    if visit.state in FINAL:
        return "over"
    return {CALLED: "now", IN_CALL: "now", WRITING: "held", AWAITING_RECALL: "held"}[visit.state]


def _interval(visit: Visit, status: dict[str, object], now: datetime) -> int | None:
    """Often near the turn, seldom far back and not all at once, no more when nothing can change."""
    if visit.state in FINAL:
        may_come = visit.state == COMPLETED and not status["prescription"]
        return FAR if may_come and now - visit.state_since < PRESCRIPTION_WATCH else None
    ahead = int(str(status["ahead"]))
    if ahead <= NEAR_AHEAD:
        return NEAR
    return SOON if ahead <= SOON_AHEAD else FAR + visit.id % JITTER


def _promised(visit: Visit, now: datetime) -> datetime | None:
    """Until when a tap on "I am here" holds; None while only the open page says so."""
    by_page = now + timedelta(seconds=settings.number("presence_seconds"))
    return visit.here_until if visit.here_until and visit.here_until > by_page else None
