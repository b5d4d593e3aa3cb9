"""The state machine: its table, its one writer, permission for every transition."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.base.errors import Conflict
from portal.core.clinic.models import ClinicSession
from portal.core.visits import services
from portal.core.visits.events import CallAccepted
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import ACTIVE, FINAL, MOVES, OPEN, READY, allowed, is_allowed
from portal.store.db import database
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Event
from tests.factories import make_staff, make_visit

STATES = (*OPEN, *FINAL)
ROLES = ("beneficiary", "doctor", "system", "admin", "pharmacist")


def take(visit: Visit, to: str, role: str, now) -> None:
    services.move(visit, to, by=SYSTEM, role=role, now=now, event=CallAccepted, reason="test")


def test_final_states_are_left_only_by_undo():
    left = {roles for (start, _), roles in MOVES.items() if start in FINAL}
    assert left == {frozenset({"undo"})}
    assert {start for start, _ in MOVES} & set(FINAL) == {"transferred", "no_show"}


def test_every_open_state_has_a_way_to_a_final_one_without_the_patient():
    reached, new = set(FINAL), True
    while new:
        new = {
            start for (start, to), roles in MOVES.items() if to in reached and roles & {"doctor", "system"}
        } - reached
        reached |= new
    assert set(OPEN) <= reached


@pytest.mark.parametrize(
    ("state", "role", "expected"),
    [
        ("waiting", "beneficiary", {"cancelled"}),
        ("waiting", "doctor", {"called", "transferred"}),
        ("called", "beneficiary", {"in_call", "cancelled"}),
        ("in_call", "beneficiary", set()),
        ("in_call", "doctor", {"writing", "awaiting_recall", "completed", "no_show", "transferred"}),
        ("completed", "doctor", set()),
        ("waiting", "pharmacist", set()),
        ("completed", "undo", set()),
        ("cancelled", "undo", set()),
    ],
)
def test_buttons_follow_the_table(state, role, expected):
    assert allowed(state, role) == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STATES), to=st.sampled_from(STATES), role=st.sampled_from(ROLES))
def test_a_transition_happens_exactly_when_the_table_allows_it(db, now, start, to, role):
    with database.atomic() as world:
        visit = make_visit(start)
        before = (AuditRow.select().count(), ClinicSession.get_by_id(visit.session_id).version)
        if is_allowed(start, to, role):
            take(visit, to, role, now)
            check_row(Visit.get_by_id(visit.id), to)
            last = Transition.select().where(Transition.visit == visit).order_by(Transition.id.desc()).get()
            assert (last.from_state, last.to_state, last.reason) == (start, to, "test")
            assert Event.select().where(Event.subject == visit.uid).count() == 1
        else:
            with pytest.raises(Conflict):
                take(visit, to, role, now)
            assert Visit.get_by_id(visit.id).state == start
            assert before == (AuditRow.select().count(), ClinicSession.get_by_id(visit.session_id).version)
        world.rollback()


def check_row(visit: Visit, to: str) -> None:
    """Assert the invariants of a row in this state."""
    assert visit.state == to
    assert (visit.live_key is None) == (to in FINAL)
    assert (visit.call_deadline is None) or to == "called"
    if to in READY:
        assert visit.doctor is None
    if to not in ACTIVE:
        assert visit.lease_until is None


def test_of_two_transitions_from_one_state_the_second_conflicts(db, now):
    row = make_visit()
    mine, theirs = Visit.get_by_id(row.id), Visit.get_by_id(row.id)
    services.cancel(mine, by=SYSTEM, now=now)
    with pytest.raises(Conflict, match="changed in the meantime"):
        take(theirs, "expired", "system", now)
    assert Visit.get_by_id(row.id).state == "cancelled"
    assert Transition.select().where(Transition.visit == row).count() == 2


def test_a_stale_button_of_an_earlier_call_conflicts(db, now):
    row = make_visit("called", doctor=make_staff())
    old = Visit.get_by_id(row.id)
    Visit.update(attempt=2).where(Visit.id == row.id).execute()
    with pytest.raises(Conflict):
        take(old, "awaiting_recall", "doctor", now)
    assert Visit.get_by_id(row.id).state == "called"


@pytest.mark.parametrize("state", ["waiting", "awaiting_recall", "called", "completed"])
def test_only_a_visit_in_call_or_writing_can_be_completed(db, now, state):
    visit = make_visit(state)
    with pytest.raises(Conflict):
        services.complete(visit, by=SYSTEM, now=now)
    assert Visit.get_by_id(visit.id).state == state
