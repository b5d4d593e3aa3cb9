"""Series of the clinic: sessions, who waits for how long, doctors on duty, calls, sign-ins.

Labels are codes of specialties, states, roles and plugins: counts of people, never who they are.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from portal.core.accounts.models import SignIn, Staff
from portal.core.calls.models import CallRoom
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.attendance import OFF
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import CALLED, IN_CALL, OPEN, READY
from portal.metrics.series import Series, gauge, gauges, seconds_since


def series(now: datetime) -> Series:
    """Yield the series of open sessions and of who is signed in."""
    sessions = list(ClinicSession.select().where(ClinicSession.closed_at.is_null() & (ClinicSession.opens_at <= now)))
    about = "Open visits of sessions by specialty and state."
    yield gauge("portal_sessions_open", "Clinic sessions that have begun and are not closed.", len(sessions))
    yield gauges("portal_visits", about, ("specialty", "state"), _visits())
    yield gauges("portal_wait_longest_seconds", "Longest wait of those who wait.", ("specialty",), _waits(now))
    yield gauges("portal_doctors", "Doctors of open sessions by duty.", ("specialty", "duty"), _doctors(sessions))
    yield gauges("portal_calls_open", "Calls that ring or are held, by video plugin.", ("provider",), _calls())
    yield gauges("portal_sign_ins", "Sign-ins that are valid, by role.", ("role",), _sign_ins(now))


def _visits() -> Iterator[tuple[tuple[str, str], float]]:
    """Count every state of each specialty, 0 too, so that a line of a dashboard does not end."""
    counted = Visit.select(Specialty.code, Visit.state, fn.COUNT(Visit.id)).join(ClinicSession).join(Specialty)
    rows: Any = counted.where(Visit.state.in_(OPEN)).group_by(Specialty.code, Visit.state).tuples()
    counts = {(code, state): count for code, state, count in rows}
    for code in _codes():
        yield from (((code, state), counts.get((code, state), 0)) for state in OPEN)


def _waits(now: datetime) -> Iterator[tuple[tuple[str], float]]:
    since = Visit.select(Specialty.code, fn.MIN(Visit.requested_at)).join(ClinicSession).join(Specialty)
    here = Visit.state.in_(READY) & (ClinicSession.opens_at <= now)
    rows: Any = since.where(here).group_by(Specialty.code).tuples()
    first: dict[str, datetime] = dict(rows)
    for code in _codes():
        yield (code,), seconds_since(first.get(code), now)


def _doctors(sessions: list[ClinicSession]) -> Iterator[tuple[tuple[str, str], float]]:
    there = Duty.select(Specialty.code, Duty.state, fn.COUNT(Duty.id)).join(ClinicSession).join(Specialty)
    rows: Any = there.where(Duty.session.in_(sessions) & (Duty.state != OFF)).group_by(Specialty.code, Duty.state)
    counts = {code: {"on": 0, "break": 0} for code in _codes()}
    for code, state, count in rows.tuples():
        counts.setdefault(code, {"on": 0, "break": 0})["on" if state == "on" else "break"] += count
    for code, duties in counts.items():
        yield from (((code, duty), count) for duty, count in duties.items())


def _calls() -> Iterator[tuple[tuple[str], float]]:
    own = (CallRoom.attempt == Visit.attempt) & Visit.state.in_((CALLED, IN_CALL))
    rows: Any = CallRoom.select(CallRoom.provider, fn.COUNT(CallRoom.id)).join(Visit).where(own)
    for provider, count in rows.group_by(CallRoom.provider).tuples():
        yield (provider,), count


def _sign_ins(now: datetime) -> Iterator[tuple[tuple[str], float]]:
    valid = SignIn.ended_at.is_null() & (SignIn.ends_at > now)
    rows: Any = SignIn.select(Staff.role, fn.COUNT(SignIn.id)).join(Staff, JOIN.LEFT_OUTER).where(valid)
    for role, count in rows.group_by(Staff.role).tuples():
        yield (role or "beneficiary",), count


def _codes() -> list[str]:
    return [row.code for row in Specialty.select(Specialty.code).where(Specialty.active).order_by(Specialty.id)]
