"""Mutants: planted bugs, each with the shortest sequence of commands that reveals it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from portal.core.clinic import sessions
from portal.core.doctors import duty, leave
from portal.core.visits import (
    attendance,
    calling,
    queue_order,
    services,
    states,
    successors,
    sweeps,
    undoing,
)
from portal.core.visits.events import VisitReturned
from portal.core.visits.models import Transition, Visit
from portal.store import prepared
from portal.store.db import BaseModel

Step = tuple[Any, ...]
Plant = Callable[[pytest.MonkeyPatch], None]
NOTHING = lambda *arguments, **options: None  # noqa: E731
OPEN_DAY: list[Step] = [("duty", 0, "on"), ("request", 0, 0), ("request", 1, 0)]
CALLED: list[Step] = [*OPEN_DAY, ("next", 0)]


@dataclass(frozen=True)
class Mutant:
    """A planted bug, and the sequence of commands that reveals it."""

    plant: Plant
    day: list[Step]
    priority: tuple[int, ...] = (0, 0, 0)
    doctors: int = 2
    quota: int = 50
    specialties: int = 1
    carries: int = 0


def _number_from_open_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(session: Any, now: Any) -> int:
        return int(Visit.select().where((Visit.session == session) & Visit.state.in_(states.OPEN)).count()) + 1

    monkeypatch.setattr(services, "draw_number", draw)


def _second_token(monkeypatch: pytest.MonkeyPatch) -> None:
    real, keys = prepared.insert, iter(range(10_000))

    def keyless(row: BaseModel) -> BaseModel:
        if isinstance(row, Visit):
            row.live_key = f"k{next(keys)}"
        return real(row)

    monkeypatch.setattr(services, "live_visit", NOTHING)
    monkeypatch.setattr(prepared, "insert", keyless)


def _busy_doctor_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance, "active_visits", lambda doctor: [])


def _off_duty_doctor_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance, "is_on", lambda doctor, session: True)


def _leases_never_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "release_lost", NOTHING)


def _calls_never_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "lapse_calls", NOTHING)


def _lapses_never_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.move
    monkeypatch.setattr(
        sweeps,
        "move",
        lambda visit, to, **options: real(visit, to, **options | ({"lapses": 0} if "lapses" in options else {})),
    )


def _waiting_visits_stay_in_a_closed_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_expire_waiting", NOTHING)
    monkeypatch.setattr(sweeps, "OPEN", ("called",))


def _leave_a_final_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(states.MOVES, ("cancelled", "waiting"), frozenset({"beneficiary"}))
    real = services.move

    def mark(visit: Visit, *, by: Any, now: Any) -> None:
        real(visit, "waiting", by=by, role="beneficiary", now=now, event=VisitReturned)

    monkeypatch.setattr(
        services, "mark_here", lambda visit, **options: mark(Visit.select().order_by(Visit.id).first(), **options)
    )


def _event_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "record", NOTHING)


def _history_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "append", NOTHING)


def _calls_without_history(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.append
    monkeypatch.setattr(
        services,
        "append",
        lambda who, start, to, **options: None if to == "called" else real(who, start, to, **options),
    )


def _coming_back_changes_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.mark_here

    def mark(visit: Visit, *, by: Any, now: Any) -> None:
        real(visit, by=by, now=now)
        Visit.update(priority=1 - visit.priority).where(Visit.id == visit.id).execute()

    monkeypatch.setattr(services, "mark_here", mark)


def _history_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    def overwrite(visit: Visit, start: str, to: str, **options: Any) -> None:
        if not Transition.update(to_state=to).where(Transition.visit == visit).execute():
            Transition.create(
                visit=visit, at=options["now"], from_state=start, to_state=to, actor_kind="", actor_uid=""
            )

    monkeypatch.setattr(services, "append", overwrite)


def _priority_starves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_order, "_is_overdue", lambda session, normal: False)


def _priority_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "priority_of", lambda beneficiary, gate, now: (0, ""))


def _last_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    real = queue_order.in_line
    monkeypatch.setattr(queue_order, "in_line", lambda session: real(session).order_by(Visit.number.desc()))


def _absent_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_order, "first_present", lambda session, doctor, now: queue_order.in_line(session).first())


def _expired_calls_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = calling.accept_call
    monkeypatch.setattr(
        calling, "accept_call", lambda visit, *, by, now: real(visit, by=by, now=now - timedelta(seconds=1))
    )


def _one_more_than_the_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.core.clinic.models import ClinicSession

    real = services.session_for

    def wider(specialty: Any, now: Any) -> Any:
        session = real(specialty, now)
        ClinicSession.update(quota=3).where((ClinicSession.id == session.id) & (ClinicSession.quota == 2)).execute()
        return session

    monkeypatch.setattr(services, "session_for", wider)


def _open_after_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "window", lambda session, now: "")


def _never_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "is_working_day", lambda day: False)


def _rung_while_absent_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_was_out_of_turn", lambda visit: False)


def _doctor_leaves_a_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duty, "OFF", "gone")


def _doctor_kept_after_a_lapse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_cleared_by", lambda to: {"call_deadline": None})


def _key_kept_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services._cleared_by
    monkeypatch.setattr(services, "_cleared_by", lambda to: {k: v for k, v in real(to).items() if k != "live_key"})


def _attempts_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.move
    monkeypatch.setattr(
        calling,
        "move",
        lambda visit, to, **options: real(visit, to, **{k: v for k, v in options.items() if k != "attempt"}),
    )


def _polls_end_the_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    def touch_presence(visit: Visit, now: Any) -> None:
        Visit.update(here_until=now + timedelta(seconds=60)).where(Visit.id == visit.id).execute()

    monkeypatch.setattr(services, "touch_presence", touch_presence)


def _transfers_lose_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.insert
    monkeypatch.setattr(successors, "insert", lambda who, **values: real(who, **values | {"place": 10_000}))


def _anybodys_step_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "_require_mine", NOTHING)


def _undone_an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "can_undo_until", lambda at: at + timedelta(hours=1))


def _undo_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "Step", lambda action, undoes: services.Step(action))


def _undo_after_something_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "_withdraw_successor", NOTHING)


def _emergencies_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "called_out_of_turn", lambda session: 0)


def _emergencies_count_as_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_order, "EMERGENCY", "none")


def _undone_calls_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_order, "undone_steps", lambda session: Transition.select().where(Transition.id < 0))


def _anybody_calls_a_transferred_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_order, "callable_by", lambda session, doctor: queue_order.in_line(session))


def _nobody_is_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(successors, "_day_for", NOTHING)


def _carried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    real = successors.continue_in
    monkeypatch.setattr(successors, "continue_in", lambda *given, **more: real(*given, **more | {"carries": 0}))


def _leave_carries_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave, "all_away", lambda specialty, day: False)


TWO_ON_DUTY: list[Step] = [("duty", 0, "on"), ("duty", 1, "on")]
FOUR: list[Step] = [("duty", 0, "on"), *(("request", n, 0) for n in range(4)), *(("here", n) for n in range(4))]
MISSED_TWICE: list[Step] = [*CALLED, ("tick", 121), ("sweep",), ("here", 0), ("next", 0), ("tick", 121), ("sweep",)]
MUTANTS: dict[str, Mutant] = {
    "the number is counted from open tokens": Mutant(
        _number_from_open_tokens, [*OPEN_DAY, ("cancel", 0), ("request", 2, 0)]
    ),
    "a second token for one person": Mutant(_second_token, [("request", 0, 0), ("request", 0, 0)]),
    "a busy doctor calls another patient": Mutant(_busy_doctor_calls, [*CALLED, ("next", 0)]),
    "a doctor who is off duty calls": Mutant(_off_duty_doctor_calls, [("request", 0, 0), ("next", 1)]),
    "a lease never expires": Mutant(_leases_never_expire, [*CALLED, ("accept", 0), ("tick", 1100), ("sweep",)]),
    "a call never expires": Mutant(_calls_never_expire, [*CALLED, ("tick", 121), ("sweep",)]),
    "missed calls are not counted": Mutant(
        _lapses_never_counted, [*MISSED_TWICE, ("here", 0), ("next", 0), ("tick", 121), ("sweep",)]
    ),
    "visits wait in a closed session": Mutant(
        _waiting_visits_stay_in_a_closed_session, [("request", 0, 0), ("tick", 6 * 3600), ("sweep",)]
    ),
    "a final state is left": Mutant(
        _leave_a_final_state, [("request", 0, 0), ("cancel", 0), ("request", 1, 0), ("here", 1)]
    ),
    "a change without its event": Mutant(_event_forgotten, [("request", 0, 0)]),
    "a change without its history": Mutant(_history_forgotten, [("request", 0, 0)]),
    "history is overwritten": Mutant(_history_overwritten, CALLED),
    "a call is not in the history": Mutant(_calls_without_history, CALLED),
    "a token changes its priority": Mutant(_coming_back_changes_the_person, [*OPEN_DAY, ("here", 0)]),
    "priority starves the others": Mutant(
        _priority_starves_the_others,
        [
            ("duty", 0, "on"),
            *(("request", n, 0) for n in range(4)),
            *(("here", n) for n in range(4)),
            *(step for n in range(3) for step in (("next", 0), ("accept", n + 1 if n < 2 else 0), ("complete", 0))),
        ],
        priority=(0, 1, 1, 1),
    ),
    "priority is ignored": Mutant(_priority_means_nothing, CALLED, priority=(0, 1)),
    "the queue is last in, first out": Mutant(_last_come_first, CALLED),
    "absent patients are called": Mutant(_absent_are_called, [*OPEN_DAY, ("tick", 61), ("next", 0)]),
    "a call is accepted after its deadline": Mutant(
        _expired_calls_are_accepted, [*CALLED, ("tick", 120), ("accept", 0)]
    ),
    "one token more than the quota": Mutant(_one_more_than_the_quota, [("request", n, 0) for n in range(3)], quota=2),
    "tokens after closing time": Mutant(_open_after_closing, [("tick", 4 * 3600), ("request", 0, 0)]),
    "no clinic on a working day": Mutant(_never_open, [("request", 0, 0)]),
    "a ring while absent counts as a missed call": Mutant(
        _rung_while_absent_counts, [*OPEN_DAY, ("tick", 61), ("next", 0, True), ("tick", 121), ("sweep",)]
    ),
    "a doctor leaves with a patient": Mutant(_doctor_leaves_a_patient, [*CALLED, ("duty", 0, "off")]),
    "the doctor is kept after a missed call": Mutant(_doctor_kept_after_a_lapse, [*CALLED, ("tick", 121), ("sweep",)]),
    "a final visit keeps its live key": Mutant(_key_kept_at_the_end, [("request", 0, 0), ("cancel", 0)]),
    "attempts are not counted": Mutant(_attempts_not_counted, CALLED),
    "a transferred visit loses its place": Mutant(
        _transfers_lose_their_place,
        [
            ("duty", 0, "on"),
            ("duty", 1, "on"),
            ("request", 0, 0),
            ("here", 0),
            ("request", 1, 1),
            ("here", 1),
            ("transfer", 0, 0, 1),
            ("next", 1),
        ],
        specialties=2,
    ),
    "anybody's step is undone": Mutant(
        _anybodys_step_is_undone, [*TWO_ON_DUTY, ("request", 0, 0), ("next", 0), ("skip", 0), ("undo", 1, 0)]
    ),
    "a step is undone after an hour": Mutant(_undone_an_hour_later, [*CALLED, ("tick", 61), ("undo", 0, 0)]),
    "an undo does not reference the undone step": Mutant(
        _undo_names_nothing, [("request", 0, 0), ("transfer", 0, 0, 1), ("undo", 0, 0)], specialties=2
    ),
    "undo leaves the new token": Mutant(
        _undo_after_something_happened, [("request", 0, 0), ("transfer", 0, 0, 1), ("undo", 0, 0)], specialties=2
    ),
    "emergency calls without limit": Mutant(
        _emergencies_without_end, [*OPEN_DAY, *(step for _ in range(6) for step in (("emergency", 0, 0), ("skip", 0)))]
    ),
    "emergencies count as turns": Mutant(
        _emergencies_count_as_turns,
        [
            *FOUR,
            ("emergency", 0, 1),
            ("accept", 1),
            ("complete", 0),
            ("next", 0),
            ("accept", 2),
            ("complete", 0),
            ("next", 0),
        ],
        priority=(0, 1, 1, 1),
    ),
    "an undone call counts as a turn": Mutant(
        _undone_calls_count,
        [*FOUR, ("next", 0), ("undo", 0, 1), ("next", 0), ("accept", 1), ("complete", 0), ("next", 0)],
        priority=(0, 1, 1, 1),
    ),
    "anybody calls a patient transferred to a colleague": Mutant(
        _anybody_calls_a_transferred_patient,
        [*TWO_ON_DUTY, ("request", 0, 0), ("request", 1, 0), ("here", 0), ("hand_over", 0, 0, 1), ("next", 0)],
    ),
    "no visit is carried": Mutant(_nobody_is_carried, [("request", 0, 0), ("tick", 6 * 3600), ("sweep",)], carries=1),
    "a visit is carried without limit": Mutant(
        _carried_for_ever,
        [("request", 0, 0), ("tick", 6 * 3600), ("sweep",), ("tick", 24 * 3600), ("sweep",)],
        carries=1,
    ),
    "leave carries nobody": Mutant(_leave_carries_nobody, [("request", 0, 0), ("leave", 0)], doctors=1),
    "polling makes a patient present after a missed call": Mutant(
        _polls_end_the_recall,
        [*CALLED, ("tick", 121), ("sweep",), ("cancel", 1), ("seen", 0), ("next", 0)],
    ),
}
