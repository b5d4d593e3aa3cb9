"""The desk's phone list."""

from datetime import timedelta

import pytest

from portal.core.messages.models import Message, MessageOptOut
from portal.core.outbox.phone_list import to_phone
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from portal.work.events import Event
from tests.factories import make_account, make_beneficiary, make_staff, make_visit

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


def test_an_empty_phone_list_says_so(desk):
    assert "Nobody has to be phoned" in desk.get("/desk").text


def test_the_list_masks_the_number(desk, held):
    answer = desk.get("/desk")
    assert "98xxxxxx10" in answer.text
    assert NUMBER not in answer.text
    assert "2611230000017" not in answer.text
    assert shown() == 0


def test_the_list_can_be_requested_as_a_fragment(desk, held):
    answer = desk.get("/desk", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="list"')


def test_opening_an_entry_shows_number_people_and_text_and_is_audited(desk, held):
    make_beneficiary(account=make_account(NUMBER), name="Kamala Devi")
    answer = desk.get(f"/desk/{held.uid}")
    for part in (NUMBER, "Kamala Devi", "Your patient ID is 2611230000017"):
        assert part in answer.text
    assert shown() == 1


def test_a_stale_message_that_cannot_be_rendered_can_still_be_phoned(desk, held):
    Message.update(values={"name": "x"}).execute()
    answer = desk.get(f"/desk/{held.uid}")
    assert answer.status_code == 200
    assert NUMBER in answer.text
    assert "were changed by an upgrade" in answer.text


def test_an_entry_that_was_phoned_leaves_the_list(desk, held):
    answer = desk.submit(f"/desk/{held.uid}/done", page=f"/desk/{held.uid}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    row = Message.get()
    assert (row.state, row.provider) == ("delivered", "telephone")
    assert desk.get(f"/desk/{held.uid}").status_code == 404
    assert desk.submit(f"/desk/{held.uid}/done", page="/desk").status_code == 409
    assert AuditRow.select().where(AuditRow.action == "PatientPhoned").count() == 1


def test_a_message_that_is_not_on_the_list_is_not_found(desk, operator, queue, text):
    row = text()
    queue.drain()
    assert desk.get(f"/desk/{row.uid}").status_code == 404
    assert desk.submit(f"/desk/{row.uid}/done", page="/desk").status_code == 409
    assert shown() == 0


@pytest.fixture
def failed(db, now):
    """failed(template, ...): create a text that no operator delivered."""

    def failed(template: str = "missed_call", cause: str = "cause", life: int = 60, **columns) -> Message:
        values = {"missed_call": {"token": "MED-001"}, "your_turn": {"token": "MED-001", "minutes": 2}}
        return Message.create(
            cause=cause,
            to=NUMBER,
            template=template,
            language="en",
            values=values.get(template, {}),
            state="failed",
            created_at=now,
            next_at=now,
            expires_at=now + timedelta(minutes=life),
            **columns,
        )

    return failed


def test_failed_messages_are_phoned_until_they_expire(failed, clock):
    for template in ("otp", "prescription", "token", "missed_call"):
        failed(template)
    assert [row.template for row in to_phone(clock.now())] == ["missed_call"]
    assert to_phone(clock.tick(3600)) == []


def test_nobody_is_phoned_about_a_turn_that_is_over(failed, now):
    visit = make_visit(state="called")
    event = Event.create(name="VisitCalled", subject=visit.uid, at=now, by_kind="staff", by_uid="", data={})
    failed("your_turn", event.uid)
    assert len(to_phone(now)) == 1
    Visit.update(state="in_call").execute()
    assert to_phone(now) == []


def test_nobody_is_phoned_about_a_kind_that_was_switched_off(failed, now):
    failed("near_turn")
    MessageOptOut.create(account=make_account(NUMBER), template="near_turn")
    assert to_phone(now) == []


def test_no_answer_keeps_the_entry_at_the_end_of_the_list(desk, failed, now):
    first, second = failed(), failed(cause="other", life=90)
    desk.submit(f"/desk/{first.uid}/done", {"outcome": "not_reached"}, page=f"/desk/{first.uid}")
    assert [row.uid for row in to_phone(now)] == [second.uid, first.uid]
    assert "Not reached, 9:30" in desk.get("/desk").text
    assert "Not reached (" in desk.get(f"/desk/{first.uid}").text
    assert [row.uid for row in to_phone(now + timedelta(minutes=11))] == [first.uid, second.uid]


def test_a_wrong_number_leaves_the_list(desk, held):
    answer = desk.submit(f"/desk/{held.uid}/done", {"outcome": "wrong_number"}, page=f"/desk/{held.uid}")
    assert answer.status_code == 303
    row = Message.get()
    assert (row.state, row.error, row.call_outcome) == ("failed", "wrong number", "wrong_number")
    assert desk.get(f"/desk/{held.uid}").status_code == 404


def test_an_unknown_outcome_is_refused(desk, held):
    assert desk.submit(f"/desk/{held.uid}/done", {"outcome": "x"}, page=f"/desk/{held.uid}").status_code == 422
    assert Message.get().state == "phone"
