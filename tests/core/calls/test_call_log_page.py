"""The doctor's panel of the calls, in words."""

from portal.core.calls.call_log_page import panel_of
from portal.core.calls.models import CallRoom
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from tests.core.calls.test_call_log import report
from tests.core.calls.test_call_log import room as room


def test_a_call_is_under_way_until_it_is_over_and_then_counts_the_time_together(room, now, clock) -> None:
    for who in ("patient", "doctor"):
        report(room, "joined", who, connection=who)
    clock.tick(120)
    visit = Visit.get_by_id(room.visit_id)
    (shown,) = panel_of(registry(), visit, clock.now()).attempts
    assert shown.outcome == "Under way."
    CallRoom.update(closed_at=clock.now()).where(CallRoom.id == room.id).execute()
    (shown,) = panel_of(registry(), visit, clock.now()).attempts
    assert shown.outcome == "Both were in the call, together for 2:00 min."
