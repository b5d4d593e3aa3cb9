"""The patient's page of the call."""

import pytest

from portal.core.calls.models import CallRoom
from tests.core.calls.test_rooms import FakeVideo, room_of
from tests.core.calls.test_rooms import video as video
from tests.factories import make_beneficiary, make_visit


def test_the_patients_page_names_the_doctor(sign_in, video: FakeVideo) -> None:
    visit = make_visit("in_call")
    text = sign_in(visit.beneficiary).get(room_of(visit)).get_data(as_text=True)
    assert all(word in text for word in ("Dr Asha Verma", "MD", "DMC-1234"))


def test_a_room_at_another_site_is_a_button(sign_in, video: FakeVideo) -> None:
    video.kind = "redirect"
    text = sign_in((visit := make_visit("in_call")).beneficiary).get(room_of(visit)).get_data(as_text=True)
    assert "Join the video call" in text
    assert 'hx-get="/x/' not in text


@pytest.mark.parametrize("state", ["in_call", "completed", "waiting"])
def test_another_patient_gets_not_found(sign_in, video: FakeVideo, state: str) -> None:
    visit = make_visit(state)
    assert sign_in(make_beneficiary()).get(room_of(visit)).status_code == 404
    assert CallRoom.select().count() == 0
