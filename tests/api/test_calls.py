"""Calls for plugins: the visit of a room, and who is there."""

from datetime import timedelta

import pytest

from portal.api import calls
from portal.base.errors import NotFound
from portal.base.keys import random_uid
from portal.core.calls import call_log
from portal.core.calls.models import CallRoom
from portal.core.visits.models import Visit
from tests.factories import make_staff, make_visit


@pytest.fixture
def room(db, now) -> CallRoom:
    """The room of a running call."""
    visit = make_visit("in_call", attempt=1, doctor=make_staff("doctor"))
    return CallRoom.create(visit=visit, attempt=1, provider="some_video", name=random_uid(), opened_at=now)


def test_the_visit_of_a_room_is_found(room):
    assert calls.visit_of_room(room.uid).uid == room.visit.uid
    assert calls.is_current(room.uid)
    with pytest.raises(NotFound):
        calls.visit_of_room("nothing")


def test_a_doctor_is_there_after_joining_and_with_a_valid_presence_lease(room, now):
    Visit.update(lease_until=now + timedelta(seconds=30)).execute()
    assert not calls.is_doctor_there(room.uid, now=now)
    Visit.update(lease_until=None).execute()
    calls.report(room.uid, room.visit.doctor.uid, "joined", now, connection="1")
    assert not calls.is_doctor_there(room.uid, now=now)
    Visit.update(lease_until=now + timedelta(seconds=30)).execute()
    assert calls.is_doctor_there(room.uid, now=now)
    assert not calls.is_doctor_there(room.uid, now=now + timedelta(seconds=31))
    assert not calls.is_doctor_there("nothing", now=now)
    assert call_log.is_there(room.uid, "doctor", now=now)
