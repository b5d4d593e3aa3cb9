"""Four past weeks of the demonstration, so that reports have something to show; of people whom nobody signs in as.

Written as rows, many at a time, as the services would take a minute; the same each time for the same day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from portal.base.clock import at_ist, clinic_day
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.identity import make_patient_id
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.calls.models import CallRoom
from portal.core.clinic.models import Centre, ClinicSession, Specialty
from portal.core.messages.models import Message
from portal.core.referrals.models import ReferralRequest
from portal.core.reports import days
from portal.core.visits.models import Feedback, Transition, Visit
from portal.demo.register import demo_rows
from portal.store.db import write
from portal.store.prepared import insert
from portal.work.events import Event

A_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Rows = list[tuple[Any, dict[str, Any]]]
Sessions = Sequence[tuple[ClinicSession, list[Staff], int]]
REASONS = ("unreachable", "unreachable", "technical", "left", "wrong_specialty", "hospital")
SAID = (
    ("good", "डॉक्टर ने ध्यान से सुना।"),
    ("good", "Saved me a journey of two hours."),
    ("ok", "The picture stopped twice, the voice was fine."),
    ("bad", "I waited long after my turn was near."),
)


PEOPLE, WEEKS, FIRST_BEN_ID, FIRST_MOBILE, FIRST_NUMBER = 40, 4, 1900001, 9300000001, 900_001
TOKENS = {"medicine": 12, "orthopaedics": 7, "eye": 5, "ent": 4, "psychiatry": 3}


def fill(now: datetime) -> None:
    """Write the past weeks, unless there are visits already, and count them for the reports."""
    if Visit.select().exists():
        return
    with write():
        told = simulate(_sessions(clinic_day(now)), _people(now), Random(2026))  # noqa: S311 the same each time
        _store(told)
    days.rebuild(now)


def _people(now: datetime) -> list[Beneficiary]:
    centres = {row.code: row for row in Centre.select()}
    for number, row in enumerate(demo_rows(PEOPLE)):
        entry = RegisterEntry.create(
            ben_id=str(FIRST_BEN_ID + number),
            name=row.name,
            name_hi=row.name_hi,
            gender=row.gender,
            date_of_birth=row.date_of_birth,
            mobile=f"+91{FIRST_MOBILE + number}",
            centre=centres[f"{number % 9 + 1:02d}"],
        )
        account = Account.create(mobile=entry.mobile, language=("hi", "en")[number % 2], created_at=now)
        Beneficiary.create(
            entry=entry,
            account=account,
            patient_id=make_patient_id(FIRST_NUMBER + number, clinic_day(now)),
            address="New Delhi",
            language=account.language,
            registered_at=now,
        )
    return list(Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry))


def _sessions(today: date) -> list[tuple[ClinicSession, list[Staff], int]]:
    """Open the sessions of the past weeks: each with its doctors and how many come."""
    doctors: dict[int, list[Staff]] = {}
    for doctor in Staff.select().where(Staff.role == "doctor").order_by(Staff.username):
        doctors.setdefault(int(doctor.specialty_id or 0), []).append(doctor)
    past = (today - A_DAY * ago for ago in range(7 * WEEKS, 0, -1))
    listed = [(day, row) for day in past if day.isoweekday() < 7 for row in Specialty.select().order_by(Specialty.id)]
    return [(_session(day, row), doctors.get(row.id, []), TOKENS.get(row.code, 0)) for day, row in listed]


def _session(day: date, specialty: Specialty) -> ClinicSession:
    opens_at = at_ist(day, time(9))
    hours = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=3), "closed_at": opens_at + A_DAY}
    quota, prefix = TOKENS.get(specialty.code, 0) + 20, specialty.token_prefix
    return ClinicSession.create(specialty=specialty, day=day, quota=quota, prefix=prefix, **hours)


def _store(told: "Told") -> None:
    _insert(told.visits)
    ids = {visit.uid: visit.id for visit in Visit.select(Visit.id, Visit.uid)}
    for rows in (told.transitions, told.rooms, told.feedback):
        _insert((table, fields | {"visit": ids[fields["visit"]]}) for table, fields in rows)
    for rows in (told.events, told.requests, told.messages):
        _insert(rows)


def _insert(rows: Iterable[tuple[Any, dict[str, Any]]]) -> None:
    for table, fields in rows:
        insert(table(**fields))


@dataclass
class Told:
    """The rows of all days."""

    visits: Rows = field(default_factory=list)
    transitions: Rows = field(default_factory=list)
    events: Rows = field(default_factory=list)
    requests: Rows = field(default_factory=list)
    messages: Rows = field(default_factory=list)
    rooms: Rows = field(default_factory=list)
    feedback: Rows = field(default_factory=list)
    serial: int = 0

    def uid(self) -> str:
        """Return the next uid; no secret hangs on those of the past."""
        self.serial += 1
        return f"past-{self.serial:08d}"

    def event(self, name: str, subject: str, at: datetime, **data: Any) -> None:
        """Note an event that everybody has had."""
        fields = {"name": name, "subject": subject, "at": at, "data": data, "uid": self.uid()}
        self.events.append((Event, fields | {"by_kind": "system", "by_uid": "", "delivered_at": at}))


def simulate(sessions: Sessions, people: Sequence[Beneficiary], chance: Random) -> Told:
    """Tell the course of these sessions."""
    told = Told()
    for session, doctors, expected in sessions:
        if doctors and expected:
            _day(told, session, doctors, chance.sample(list(people), _so_many(session, expected, chance)), chance)
    told.events.sort(key=lambda row: row[1]["at"])
    return told


def _so_many(session: ClinicSession, expected: int, chance: Random) -> int:
    is_monday = session.day.isoweekday() == 1
    return max(2, round(expected * (1.5 if is_monday else 1) * chance.uniform(0.7, 1.1)))


def _day(
    told: Told, session: ClinicSession, doctors: list[Staff], people: Sequence[Beneficiary], chance: Random
) -> None:
    free = dict.fromkeys(range(len(doctors)), session.opens_at)
    asked = sorted(session.opens_at + MINUTE * chance.triangular(-60, 120, 10) for _person in people)
    for number, (person, at) in enumerate(zip(people, asked, strict=True), 1):
        place = min(free, key=lambda each: free[each])
        called = max(free[place], at, session.opens_at) + MINUTE * chance.uniform(0.5, 3)
        end, why = _end(chance)
        free[place] = called + MINUTE * (chance.uniform(9, 18) if end == "completed" else 3)
        _visit(told, _Visit(session, number, person, doctors[place], at, called, free[place], end, why), chance)
        _around(told, session, person, at, chance)


@dataclass(frozen=True)
class _Visit:
    session: ClinicSession
    number: int
    person: Beneficiary
    doctor: Staff
    asked: datetime
    called: datetime
    ended: datetime
    end: str
    why: str


def _end(chance: Random) -> tuple[str, str]:
    draw = chance.random()
    if draw < 0.8:
        return "completed", ""
    return ("no_show", chance.choice(REASONS)) if draw < 0.91 else ("cancelled", "") if draw < 0.96 else ("expired", "")


def _visit(told: Told, visit: _Visit, chance: Random) -> None:
    uid = told.uid()
    fields = {"session": visit.session, "number": visit.number, "beneficiary": visit.person, "complaint": "Follow-up"}
    fields |= {"uid": uid, "state": visit.end, "state_since": visit.ended, "requested_at": visit.asked}
    told.visits.append((Visit, fields | {"doctor": visit.doctor if visit.end == "completed" else None}))
    moved = {"visit": uid, "actor_kind": "system", "actor_uid": ""}
    told.transitions.append((Transition, moved | {"at": visit.asked, "from_state": "", "to_state": "waiting"}))
    told.transitions.append((Transition, moved | {"at": visit.ended, "from_state": "waiting", "to_state": visit.end}))
    told.event("TokenIssued", uid, visit.asked, token="", number=visit.number)
    if visit.end in {"completed", "no_show"}:
        told.event("VisitCalled", uid, visit.called, doctor=visit.doctor.uid)
    if visit.end == "completed":
        told.event("CallAccepted", uid, visit.called + MINUTE / 2)
        told.event("CallEnded", uid, visit.ended - MINUTE)
        room = {"visit": uid, "attempt": 1, "provider": "video_webrtc", "name": uid, "opened_at": visit.called}
        told.rooms.append((CallRoom, room | {"uid": told.uid(), "closed_at": visit.ended}))
        _say(told, uid, visit.ended, chance)
    names = {"completed": "VisitCompleted", "no_show": "VisitNotHeld", "cancelled": "VisitCancelled"}
    told.event(names.get(visit.end, "TokenExpired"), uid, visit.ended, outcome=visit.why)


def _say(told: Told, uid: str, at: datetime, chance: Random) -> None:
    if chance.random() < 0.3:
        rating, text = chance.choice(SAID) if chance.random() < 0.3 else (chance.choice(("good", "good", "ok")), "")
        fields = {"visit": uid, "rating": rating, "text": text, "at": at + A_DAY / 24, "noted_at": at + A_DAY}
        told.feedback.append((Feedback, fields))
        told.event("FeedbackGiven", uid, at + A_DAY / 24)


def _around(told: Told, session: ClinicSession, person: Beneficiary, at: datetime, chance: Random) -> None:
    """A request for a referral now and then, and the texts of a token."""
    if chance.random() < 0.25:
        uid, answered = told.uid(), at + MINUTE * chance.randint(30, 2000)
        fields = {"beneficiary": person, "specialty": session.specialty, "complaint": "", "state": "declined"}
        told.requests.append((ReferralRequest, fields | {"uid": uid, "asked_at": at, "answered_at": answered}))
        told.event("ReferralRequested", uid, at)
        told.event("ReferralRequestAnswered", uid, answered, outcome="declined")
    for template in ("token", "your_turn"):
        state = "delivered" if chance.random() < 0.96 else "expired"
        fields = {"cause": told.uid(), "to": person.entry.mobile, "template": template, "language": person.language}
        when = {"created_at": at, "expires_at": at + A_DAY, "next_at": at, "delivered_at": at + MINUTE / 20}
        told.messages.append((Message, fields | when | {"uid": told.uid(), "values": {}, "state": state, "tries": 1}))
