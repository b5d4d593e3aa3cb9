"""Audit of opening a room, once for each attempt."""

from portal.core.calls import rooms
from portal.plugin_host.registry import registry
from tests.factories import make_visit
from tests.noted import actor_of, noted


def test_a_room_that_both_join_is_audited_once(db, now):
    visit = make_visit("in_call")
    doctor, family = actor_of(visit.doctor), actor_of(visit.beneficiary.account)
    notes = [noted(lambda by=by: rooms.open_room(registry(), visit, by=by, now=now)) for by in (doctor, family)]
    assert notes == [[("RoomOpened", doctor, visit.uid)], []]
