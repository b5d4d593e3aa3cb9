"""Administrators keep the kiosks of all centres, a desk those of its own."""

import re

import pytest

from portal.core.accounts.kiosks import pairing
from portal.core.accounts.models import Kiosk
from portal.work.audit import SYSTEM
from tests.factories import make_centre, make_staff


@pytest.fixture
def admin(sign_in):
    return sign_in(make_staff("admin"))


def test_the_code_is_shown_once_with_the_address_to_open(admin, now):
    make_centre()
    answer = admin.submit("/kiosks", {"place": "Hall", "centre": "01"})
    code = re.search(r">(\d{4}) (\d{4})<", answer.text)
    assert code is not None
    assert "http://localhost/kiosk" in answer.text
    assert not re.search(r">\d{4} \d{4}<", admin.get("/kiosks").text)
    assert pairing.pair(code[1] + code[2], now=now)


@pytest.mark.parametrize(("fields", "field"), [({"place": ""}, "place"), ({"centre": "99"}, "centre")])
def test_a_form_with_a_mistake_adds_none(admin, fields, field):
    make_centre()
    answer = admin.submit("/kiosks", {"place": "Hall", "centre": "01"} | fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert Kiosk.select().count() == 0


def test_a_desk_sees_adds_and_revokes_those_of_its_own_centre(desk, now):
    pairing.offer("Far away", make_centre("02"), by=SYSTEM, now=now)
    desk.submit("/kiosks", {"place": "Window 2", "centre": "02"})
    own, other = Kiosk.get(Kiosk.place == "Window 2"), Kiosk.get(Kiosk.place == "Far away")
    assert own.centre.code == "01"
    listed = desk.get("/kiosks").text
    assert "Window 2" in listed
    assert "Far away" not in listed
    assert desk.submit(f"/kiosks/{other.uid}/revoke", page="/kiosks").status_code == 404
    assert desk.submit(f"/kiosks/{own.uid}/revoke", page="/kiosks").location == "/kiosks"
    assert Kiosk.get_by_id(own.id).revoked_at == now
    assert Kiosk.get_by_id(other.id).revoked_at is None


def test_the_list_says_what_became_of_each(admin, clock):
    codes = [pairing.offer(place, make_centre(), by=SYSTEM, now=clock.now()) for place in ("A", "B", "C")]
    pairing.pair(codes[0], now=clock.now())
    pairing.revoke(Kiosk.get(Kiosk.place == "B").uid, None, by=SYSTEM, now=clock.now())
    text = admin.get("/kiosks").text
    assert "waits for its code until 9:45 am" in text
    assert "Revoked" in text
    clock.tick(900)
    assert "its code is over" in admin.get("/kiosks").text
