"""Delivery-report webhooks with signed URLs: forged ones are refused, replays are idempotent (F21, S55)."""

from itertools import permutations
from urllib.parse import urlsplit

import pytest
from portal_plugins.sms_gateway import addresses

from portal.core.messages.models import EarlyReport, Message
from portal.core.messages.services import queue as put
from portal.core.outbox import receipts
from portal.work.events import Event
from tests.plugins.sms_gateway.conftest import MOBILE
from tests.scripted import Step


@pytest.fixture
def sent(by_kannel, gateway, queue, now) -> Message:
    """A text that Kannel has accepted."""
    gateway.otherwise = Step(202, b"0: Accepted for delivery")
    put("cause", MOBILE, "registered", "en", {"patient_id": "2611230000017"}, now=now)
    queue.drain()
    assert Message.get().state == "accepted"
    return Message.get()


def path_of(row: Message, attempt: int = 1, driver: str = "kannel") -> str:
    return urlsplit(addresses.callback(driver, row.uid, attempt)).path


def state() -> str:
    return Message.get().state


@pytest.mark.parametrize("method", ["get", "post"])
def test_kannels_reports_in_any_order_move_the_state_forward(client, sent, method):
    for order in permutations(["8", "1", "4", "1"]):
        Message.update(state="accepted").execute()
        seen = []
        for kind in order:
            answer = getattr(client, method)(f"{path_of(sent)}?type={kind}&id=M1&said=x")
            assert (answer.status_code, answer.text) == (200, "ok")
            seen.append(receipts.RANK[state()])
        assert seen == sorted(seen)
        assert (state(), Message.get().reference) == ("delivered", "M1")


def test_a_replayed_report_records_one_event(client, sent):
    for _ in range(3):
        client.get(f"{path_of(sent)}?type=16&said=NACK%2F0x0000000b%2FInvalid")
    client.get(f"{path_of(sent)}?type=1")
    assert (state(), Message.get().error) == ("failed", "NACK/0x0000000b/Invalid")
    assert Event.select().where(Event.name == "MessageFailed").count() == 1


@pytest.mark.parametrize("query", ["", "type=", "type=99", "type[]=1", "type=4"])
def test_a_report_without_a_state_changes_nothing(client, sent, query):
    assert client.get(f"{path_of(sent)}?{query}").status_code == 200
    assert state() == "accepted"


def test_a_failure_report_of_an_older_attempt_is_ignored(client, sent):
    Message.update(tries=2).execute()
    client.get(f"{path_of(sent)}?type=2")
    assert state() == "accepted"
    client.get(f"{path_of(sent)}?type=1")
    assert state() == "delivered"


def test_a_report_on_a_test_message_is_ignored(client, sent):
    row = Message(uid="T" * 22)
    assert client.get(f"{path_of(row)}?type=1").status_code == 200
    assert (state(), EarlyReport.select().count()) == ("accepted", 0)


def test_a_gateway_reports_by_its_own_reference_as_form_or_json(client, gateway, use, queue, now):
    use(drivers=("http",), http_preset="msg91", http_url=f"{gateway.url}/send", http_secret="k")
    gateway.otherwise = Step(200, b'{"message":"abc1","type":"success"}')
    put("cause", MOBILE, "registered", "en", {"patient_id": "2611230000017"}, now=now)
    queue.drain()
    path = urlsplit(addresses.shared_callback("http")).path
    assert client.post(path, json={"requestId": "abc1", "status": 1}).status_code == 200
    assert state() == "delivered"
    assert client.post(path, data={"requestId": "other", "status": "1"}).status_code == 200
    assert client.post(path, json=["x"]).status_code == 200
    assert client.post(path, data=b"\xff{", content_type="application/json").status_code == 400
    assert EarlyReport.select().count() == 1
    assert client.post(path[:-1], data={}).status_code == 401
