"""What one clinic day comes to, counted anew from the event table: the same result however often, and whenever.

Everything about a visit counts on its clinic day, also what comes later: medicines given out, feedback. A referral
counts on the day it was asked for or issued, a text on the day it was queued (F34: days are of India).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.base.clock import ist
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession
from portal.core.reports.buckets import bucket_of
from portal.core.reports.models import ALL
from portal.core.visits.models import Visit
from portal.work.events import Event

PARTS = VISITS, WAITS, HOURS = "visits", "waits", "hours"
Cell = tuple[int, int]  # ids of specialty and centre
Cells = dict[tuple[int, int, str], Counter[str]]  # by specialty, centre and part

BEGINS = ("TokenIssued", "TokenMoved")
CALLED = "VisitCalled"
# How a visit ends, by its last event of these; an undone step takes the end back.
ENDS = {
    "VisitCompleted": "done",
    "VisitNotHeld": "not_held",
    "VisitNoShow": "not_held",
    "VisitCancelled": "given_up",
    "TokenCancelled": "no_doctor",
    "TokenExpired": "expired",
    "VisitTransferred": "transferred",
    "TokenCarried": "carried",
    "TokenWithdrawn": "withdrawn",
}
UNDONE, MISSED = "StepUndone", "missed"
COUNTED = frozenset(
    {
        *BEGINS,
        CALLED,
        "CallAccepted",
        "CallMissed",
        "CallEnded",
        "DoctorLost",
        "VisitReturned",
        "VisitSkipped",
        *ENDS,
        UNDONE,
        "FeedbackGiven",
    }
)


@dataclass
class Course:
    """How one visit went, as its events tell it in their order."""

    begins: datetime | None = None
    called: datetime | None = None
    end: str = ""
    why: str = ""

    def hear(self, name: str, at: datetime, data: dict[str, Any]) -> None:
        """Take in the next event."""
        if name in BEGINS:
            self.begins = self.begins or at
        elif name == CALLED:
            self.called = self.called or at
        elif name == UNDONE:
            self.end = self.why = ""
        elif name in ENDS:
            self.end = ENDS[name]
            self.why = "" if self.end != "not_held" else data.get("outcome") or MISSED


def places_of(day: date) -> dict[str, tuple[int, int, datetime]]:
    """Map the uids of a day's visits to specialty, centre of the register, and when the session opened."""
    rows: Any = (
        Visit.select(Visit.uid, ClinicSession.specialty, RegisterEntry.centre, ClinicSession.opens_at)
        .join(ClinicSession)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(ClinicSession.day == day)
        .tuples()
    )
    return {uid: (specialty, centre, opens_at) for uid, specialty, centre, opens_at in rows}


def count_visits(day: date) -> Cells:
    """Count a day's visit events by name, how the visits ended, how long people waited, and from which hour on."""
    places, cells = places_of(day), new_cells()
    courses: dict[str, Course] = defaultdict(Course)
    for name, uid, at, data in _events(day):
        if name not in COUNTED:
            continue
        specialty, centre, _opens_at = places[uid]
        cells[specialty, centre, VISITS][f"event/{name}"] += 1
        courses[uid].hear(name, at, data)
    for uid, course in courses.items():
        _count_course(cells, places[uid], course)
    return cells


def new_cells() -> Cells:
    """Return cells without counts."""
    return defaultdict(Counter)


def rolled_up(cells: Cells) -> Cells:
    """Add what all centres of a specialty come to, all specialties of a centre, and all of both."""
    found = new_cells()
    for (specialty, centre, part), counts in cells.items():
        for key in {(specialty, centre), (specialty, ALL), (ALL, centre), (ALL, ALL)}:
            found[*key, part].update(counts)
    return found


def _events(day: date) -> Any:
    of_visit = Event.subject == Visit.uid
    rows = Event.select(Event.name, Event.subject, Event.at, Event.data).join(Visit, on=of_visit).join(ClinicSession)
    # Not by name here: the index of names would read all of the past.
    return rows.where(ClinicSession.day == day).order_by(Event.id).tuples()


def _count_course(cells: Cells, place: tuple[int, int, datetime], course: Course) -> None:
    specialty, centre, opens_at = place
    if course.end:
        cells[specialty, centre, VISITS][f"end/{course.end}"] += 1
    if course.why:
        cells[specialty, centre, VISITS][f"why/{course.why}"] += 1
    if course.begins is None or course.called is None:
        return
    begins = max(course.begins, opens_at)  # before opening nobody waits for a doctor
    bucket = bucket_of(max(course.called - begins, timedelta()))
    cells[specialty, centre, WAITS][str(bucket)] += 1
    local = ist(begins)
    cells[specialty, centre, HOURS][f"{local.isoweekday()}-{local.hour}/{bucket}"] += 1
