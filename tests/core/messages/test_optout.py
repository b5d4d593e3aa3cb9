"""Opt-outs from SMS; what is essential on a day at the clinic is always sent."""

import pytest
from structlog.testing import capture_logs

from portal.core.messages import kinds
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Message, MessageOptOut
from portal.core.messages.services import queue as put
from portal.work.audit import AuditRow
from tests.factories import make_account, make_beneficiary

NUMBER = "+919876543210"


@pytest.fixture
def person(sign_in):
    return sign_in(make_beneficiary(account=make_account(NUMBER)))


def ticked(*wanted: str) -> dict[str, str]:
    return {f"wanted-{template}": "yes" for template in wanted}


def off() -> list[str]:
    return sorted(row.template for row in MessageOptOut.select())


def test_every_kind_for_patients_is_either_optional_or_always_sent():
    assert sorted([*kinds.optional(), *kinds.always()]) == sorted(KINDS.keys() - {"plugin_failed", "test"})


def test_by_default_everything_is_wanted(person):
    page = person.get("/messages").text
    assert page.count("checked") == page.count('type="checkbox"') == len(kinds.optional())
    assert "98xxxxxx10" in page
    assert NUMBER not in page


def test_a_choice_is_saved_shown_and_audited(person):
    answer = person.submit("/messages", ticked("token", "registered", "near_turn"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/messages")
    assert off() == sorted(set(kinds.optional()) - {"token", "registered", "near_turn"})
    assert person.get("/messages").text.count("checked") == 3
    person.submit("/messages", ticked(*kinds.optional()))
    assert off() == []
    assert AuditRow.select().where(AuditRow.action == "MessageKindsChosen").count() == 2


def test_essential_kinds_cannot_be_switched_off(person, now):
    person.submit("/messages", ticked())
    assert off() == sorted(kinds.optional())
    put("cause", NUMBER, "missed_call", "en", {"token": "MED-001"}, now=now)
    assert Message.select().count() == 1


def test_an_unwanted_kind_is_not_queued_but_logged(person, now, text):
    person.submit("/messages", ticked("token"))
    with capture_logs() as log:
        put("cause", NUMBER, "registered", "en", {"patient_id": "1"}, now=now)
    assert Message.select().count() == 0
    assert log == [{"event": "message_not_wanted", "template": "registered", "log_level": "info"}]
    put("cause", "+919876543211", "registered", "en", {"patient_id": "1"}, now=now)
    assert [row.to for row in Message.select()] == ["+919876543211"]
