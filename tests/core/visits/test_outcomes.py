"""Ending a visit without a consultation: its reason is stored."""

import pytest

from portal.base.errors import Invalid
from portal.core.boards import history
from portal.core.messages.models import Message
from portal.core.visits import outcomes, undoing
from portal.core.visits.models import Transition, Visit
from tests.core.visits.test_transfers import by
from tests.factories import make_visit as visit_of
from tests.on_duty import doctor as doctor


def reasons_stored() -> list[tuple[str, str]]:
    """Specialty and reason of each step that is not undone."""
    undone = Transition.select(Transition.undoes).where(Transition.undoes.is_null(False))
    rows = Transition.select().where((Transition.outcome != "") & Transition.id.not_in(undone))
    return [(row.visit.session.specialty.code, row.outcome) for row in rows]


def test_a_visit_ended_unheld_stores_its_reason(doctor, queue, now):
    visit = visit_of("in_call", doctor=doctor)
    outcomes.end_unheld(visit, reason="technical", note="no sound", by=by(doctor), now=now)
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.live_key) == ("no_show", None)
    assert reasons_stored() == [("medicine", "technical")]
    assert history.history_of(after)[-1].why == "Technical problem: no sound"
    queue.drain()
    assert Message.get().template == "not_held"
    undoing.undo(after, doctor, by=by(doctor), now=now)
    assert reasons_stored() == []


@pytest.mark.parametrize(
    ("reason", "note", "field"), [("", "", "reason"), ("tired", "", "reason"), ("other", " ", "note")]
)
def test_ending_unheld_needs_a_reason_of_the_list_and_a_note_for_other(doctor, now, reason, note, field):
    visit = visit_of("called", doctor=doctor)
    with pytest.raises(Invalid) as refusal:
        outcomes.end_unheld(visit, reason=reason, note=note, by=by(doctor), now=now)
    assert set(refusal.value.fields) == {field}
    assert Visit.get_by_id(visit.id).state == "called"
