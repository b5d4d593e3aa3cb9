"""A visit's status for the patient: place in the queue, waiting time, prescription. Read-only, few queries."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import NamedTuple

import peewee

from portal.core.boards.endings import Ending, endings_of
from portal.core.clinic.models import ClinicSession
from portal.core.prescriptions.models import NEWEST, Prescription
from portal.core.privacy import doors
from portal.core.rosters.reading import expected
from portal.core.visits.attendance import Present, present
from portal.core.visits.models import Transition, Visit
from portal.core.visits.queue_order import ahead_of
from portal.core.visits.states import CALLED, COMPLETED, IN_CALL, READY, WRITING
from portal.settings.clinic import QueueRules
from portal.store.prepared import Prepared

KNOWN_ENOUGH = 3
LAST_CONSULTS = 20
LOW, HIGH = 0.75, 1.25
LONG_MINUTES, LATE_MINUTES = 30, 60


def position(visit: Visit, now: datetime) -> int:
    """Count the visits that will be called before this one."""
    return ahead_of(visit, now) if visit.state in READY else 0


def wait_range(minutes: float, ahead: int, doctors: int) -> tuple[int, int]:
    """Turn minutes per consultation, shared among the doctors, into a cautious (low, high) in minutes."""
    pace = minutes / max(doctors, 1)
    return math.floor(pace * ahead * LOW), math.ceil(pace * (ahead + 1) * HIGH)


@Prepared
def _newest_ends(session: object) -> peewee.Select:
    return (
        Transition.select(Transition.visit, Transition.to_state, Transition.at)
        .join(Visit)
        .where((Visit.session == session) & (Visit.state == COMPLETED) & Transition.to_state.in_((IN_CALL, COMPLETED)))
        .order_by(Transition.id.desc())
        .limit(LAST_CONSULTS * 2)
        .tuples()
    )


def consult_minutes(session: ClinicSession) -> float:
    """Return the median minutes from "Call now" to completion, or the setting until three are known."""
    ends: dict[int, dict[str, datetime]] = defaultdict(dict)
    for visit, state, at in _newest_ends.all(session):
        ends[visit][state] = at  # newest first, so the first of two calls counts
    taken = [(end[COMPLETED] - end[IN_CALL]).total_seconds() / 60 for end in ends.values() if IN_CALL in end]
    return median(taken) if len(taken) >= KNOWN_ENOUGH else QueueRules.in_force().consult_minutes_default


class Paper(NamedTuple):
    """The prescription as the patient's page needs it: the address of the stored one that holds, if any."""

    address: str | None = None
    is_stuck: bool = False  # it is issued, but storing its file fails
    is_cancelled: bool = False


NO_PAPER = Paper()


def prescription_of(visit: Visit) -> Paper:
    """Return the newest prescription of a visit, as its page needs it."""
    if visit.state not in (IN_CALL, WRITING, COMPLETED):  # it may be issued during the call
        return NO_PAPER
    issued = Prescription.get_or_none((Prescription.visit == visit) & NEWEST)
    if issued is None or issued.cancelled_at:
        return Paper(is_cancelled=issued is not None)
    if issued.stored_at is None:
        return Paper(is_stuck=issued.is_stuck)
    return Paper(f"/visits/{visit.uid}/prescription.pdf")


@dataclass(frozen=True)
class Place:
    """A visit's place in the queue, and what else a patient's page needs."""

    ahead: int
    doctors: Present
    pace: float
    paper: Paper = NO_PAPER
    ending: Ending | None = None
    expected: int = 0  # doctors on the roster for this half of the day; asked for only where it counts


def place_of(visit: Visit, now: datetime) -> Place:
    """Load the place of a visit from the database."""
    if visit.state not in READY:
        return Place(0, Present(), 0, prescription_of(visit), endings_of([visit]).get(visit.id))
    ended, session, there = endings_of([visit]).get(visit.id), visit.session, present(visit.session)
    to_come = expected(session, now) if counts_roster(session, there, now) else 0
    return Place(position(visit, now), there, consult_minutes(session), ending=ended, expected=to_come)


def counts_roster(session: ClinicSession, there: Present, now: datetime) -> bool:
    """Is the wait shared among the doctors of the roster? Before opening, and until the first of them has come."""
    return now < session.opens_at or not there


def status(visit: Visit, now: datetime, place: Place | None = None, *, is_opened: bool = False) -> dict[str, object]:
    """Return the status JSON of the contract; of a private visit that no code has opened without what tells more."""
    place = place or place_of(visit, now)
    is_closed = doors.is_private(visit) and not is_opened
    is_called = visit.state == CALLED and visit.call_deadline > now
    return {
        "uid": visit.uid,
        "token": visit.past_token if is_closed else visit.token,
        "state": visit.state,
        "ahead": place.ahead,
        "eta_minutes": list(_wait(visit.session, place, now)) if visit.state in READY else [0, 0],
        "call_now": is_called,
        "call_deadline": visit.call_deadline.isoformat() if is_called else None,
        "prescription": None if is_closed else place.paper.address,
    }


def _wait(session: ClinicSession, place: Place, now: datetime) -> tuple[int, int]:
    """Estimate the wait in minutes, counted from the clinic's opening, and from the end of a break of all doctors."""
    low, high = wait_range(place.pace, place.ahead, max(len(place.doctors), place.expected))
    begins = max(session.opens_at, place.doctors.back_at or now)
    before = max(0, math.ceil((begins - now).total_seconds() / 60))
    return before + low, before + high
