"""The desk phones whom no text reached."""

import pytest

from portal.core.audit import AuditRow
from portal.core.messages.models import Message
from tests.factories import make_account, make_beneficiary, make_staff

NUMBER = "+919876543210"


@pytest.fixture
def desk(sign_in):
    return sign_in(make_staff("desk"))


@pytest.fixture
def held(queue, text) -> Message:
    """A text that nobody could send."""
    row = text()
    queue.drain()
    return Message.get_by_id(row.id)


def shown() -> int:
    return AuditRow.select().where(AuditRow.action == "NumberShown").count()


def test_with_nothing_held_the_list_says_so(desk):
    assert "Nobody has to be phoned" in desk.get("/desk").text


def test_the_list_masks_the_number(desk, held):
    answer = desk.get("/desk")
    assert "98xxxxxx10" in answer.text
    assert NUMBER not in answer.text
    assert "2611230000017" not in answer.text
    assert shown() == 0


def test_the_list_comes_as_a_fragment_too(desk, held):
    answer = desk.get("/desk", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="list"')


def test_opening_one_shows_number_people_and_words_and_is_on_record(desk, held):
    make_beneficiary(account=make_account(NUMBER), name="Kamala Devi")
    answer = desk.get(f"/desk/{held.uid}")
    for part in (NUMBER, "Kamala Devi", "Your patient ID is 2611230000017"):
        assert part in answer.text
    assert shown() == 1


def test_after_phoning_it_is_off_the_list_for_good(desk, held):
    answer = desk.submit(f"/desk/{held.uid}/done", page=f"/desk/{held.uid}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    row = Message.get()
    assert (row.state, row.provider) == ("delivered", "telephone")
    assert desk.get(f"/desk/{held.uid}").status_code == 404
    assert desk.submit(f"/desk/{held.uid}/done", page="/desk").status_code == 409
    assert AuditRow.select().where(AuditRow.action == "PatientPhoned").count() == 1


def test_what_is_not_on_the_list_cannot_be_opened(desk, operator, queue, text):
    row = text()
    queue.drain()
    assert desk.get(f"/desk/{row.uid}").status_code == 404
    assert desk.submit(f"/desk/{row.uid}/done", page="/desk").status_code == 409
    assert shown() == 0
