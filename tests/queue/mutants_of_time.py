"""More mutants: clock skew, off-by-one deadlines, crashes, missing checks."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.core.clinic.models import ClinicSession
from portal.core.visits import calling, queue_order, services, states, sweeps, undoing
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import RECALL
from tests.queue.mutants import CALLED, FOUR, TWO_ON_DUTY, Mutant, Step


def _order_by_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    real = queue_order.in_line
    monkeypatch.setattr(
        queue_order, "in_line", lambda session: real(session).order_by(Visit.priority.desc(), Visit.requested_at)
    )


def _overtaking_by_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_overdue(session: ClinicSession, normal: Visit) -> bool:
        calls = Transition.select(Visit.priority).join(Visit).where(Transition.to_state == "called")
        recent = calls.where((Visit.session == session) & (Transition.at >= normal.requested_at))
        newest = [row[0] for row in recent.order_by(Transition.id.desc()).limit(2).tuples()]
        return len(newest) == 2 and all(newest)

    monkeypatch.setattr(queue_order, "_is_overdue", is_overdue)


def _overtaken_before_one_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_overdue(session: ClinicSession, normal: Visit) -> bool:
        calls = Transition.select(Visit.priority).join(Visit).where(Transition.to_state == "called")
        newest = calls.where(Visit.session == session).order_by(Transition.id.desc()).limit(queue_order.OVERTAKES)
        priorities = [row[0] for row in newest.tuples()]
        return len(priorities) == queue_order.OVERTAKES and all(priorities)

    monkeypatch.setattr(queue_order, "_is_overdue", is_overdue)


def _no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "write", nullcontext)


def _calls_expire_early(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sweeps.lapse_calls
    monkeypatch.setattr(sweeps, "lapse_calls", lambda now: real(now + timedelta(seconds=1)))


def _calls_expire_late(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sweeps.lapse_calls
    monkeypatch.setattr(sweeps, "lapse_calls", lambda now: real(now - timedelta(seconds=1)))


def _lease_expires_early(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sweeps.release_lost
    monkeypatch.setattr(sweeps, "release_lost", lambda now: real(now + timedelta(microseconds=1)))


def _writing_never_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "complete_forgotten", lambda now: None)


def _undo_while_off_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "_require_ready", lambda visit, doctor: None)


def _closed_while_doctors_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "DRAIN", timedelta())


def _colleagues_patient_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(states.MOVES, ("called", "called"), frozenset({"doctor"}))

    def recall(visit: Visit, doctor: Any, *, by: Any, now: datetime) -> None:
        calling.ring(visit, doctor, RECALL, reason="", by=by, now=now)

    monkeypatch.setattr(calling, "recall", recall)


def _call_extended_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "may_ask_for_time", lambda visit, *limits: visit.state == "called")


def _call_lengthened_by_each_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    def lengthen(visit: Visit, *, by: Any, now: datetime) -> None:
        later = visit.call_deadline + timedelta(seconds=120)
        Visit.update(call_deadline=later).where(Visit.id == visit.id).execute()

    monkeypatch.setattr(calling, "lengthen_once", lengthen)


LATE = [("tick", 15 * 60 + 180)]  # PAGE_LEASE and DOCTOR_GRACE
THREE_CALLS: list[Step] = [
    ("next", 0),
    ("accept", 1),
    ("complete", 0),
    ("next", 0),
    ("accept", 2),
    ("complete", 0),
    ("next", 0),
]
MUTANTS_OF_TIME: dict[str, Mutant] = {
    "the order depends on the hosts' clocks": Mutant(
        _order_by_clocks,
        [("duty", 0, "on"), ("request", 0, 0), ("tick", -30), ("request", 1, 0), ("here", 0), ("next", 0)],
    ),
    "overtaking depends on the hosts' clocks": Mutant(
        _overtaking_by_clocks,
        [FOUR[0], ("request", 0, 0), ("here", 0), ("tick", -90), *(step for step in FOUR[1:] if step[1]), *THREE_CALLS],
        priority=(0, 1, 1, 1),
    ),
    "calls before the request count as overtaking": Mutant(
        _overtaken_before_one_asked,
        [
            FOUR[0],
            *(step for person in (1, 2) for step in (("request", person, 0), ("here", person))),
            *THREE_CALLS[:6],
            *(step for person in (0, 3) for step in (("request", person, 0), ("here", person))),
            ("next", 0),
        ],
        priority=(0, 1, 1, 1),
    ),
    "a change and its event are two transactions": Mutant(_no_transaction, [("die", "request", 0, 0)]),
    "a call expires a second early": Mutant(_calls_expire_early, [*CALLED, ("tick", 119), ("sweep",), ("accept", 0)]),
    "a call expires a second late": Mutant(_calls_expire_late, [*CALLED, ("tick", 120), ("sweep",)]),
    "a lease expires a moment early": Mutant(_lease_expires_early, [*CALLED, ("accept", 0), *LATE, ("sweep",)]),
    "a visit is left in writing for ever": Mutant(
        _writing_never_completed, [*CALLED, ("accept", 0), ("end_call", 0), ("tick", 50 * 3600), ("sweep",)]
    ),
    "a doctor off duty undoes a step": Mutant(
        _undo_while_off_duty, [*CALLED, ("not_held", 0, 0), ("duty", 0, "off"), ("undo", 0, 0)]
    ),
    "the clinic closes while doctors serve": Mutant(
        _closed_while_doctors_serve, [*CALLED, ("accept", 0), ("tick", 9000), ("poll", 0), ("sweep",)]
    ),
    "a colleague's patient is called again": Mutant(
        _colleagues_patient_called_again, [*TWO_ON_DUTY, ("request", 0, 0), ("next", 0), ("recall", 1, 0)]
    ),
    "each opening of the page lengthens the call": Mutant(
        _call_lengthened_by_each_opening, [*CALLED, ("opens", 0), ("opens", 0), ("tick", 240), ("sweep",)]
    ),
    "a call is extended without limit": Mutant(_call_extended_again, [*CALLED, ("more", 0), ("more", 0)]),
}
