"""Delivery reports as the vendors publish them (`receipts/`), and unusable ones: counted, never lost with a 200."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from portal_plugins.sms_gateway import addresses

from portal.base.keys import random_uid
from portal.contracts import Receipt
from portal.core.admin.troubles import troubles
from portal.core.messages.models import Message, SendAttempt, StrayReceipt
from portal.core.outbox import attempts, receipts, unusable
from tests.factories import make_staff
from tests.plugins.sms_gateway.conftest import MOBILE

PROVIDER = "sms_gateway/http"


@pytest.fixture
def make_message(now):
    """make_message(**values): a text after it was sent."""

    def make(**values) -> Message:
        known = {
            "cause": random_uid(),
            "to": MOBILE,
            "template": "registered",
            "language": "en",
            "created_at": now,
            "values": {"patient_id": "2611230000017"},
            "expires_at": now + timedelta(days=1),
            "next_at": now,
        }
        return Message.create(**known | values)

    return make


@pytest.fixture
def through(use, make_message):
    """through("msg91", reference): a text that this gateway has accepted under its own reference."""

    def taken(gateway: str, reference: str) -> Message:
        use(drivers=("http",), http_preset=gateway, http_url="https://sms.example.in", http_secret="k", http_user="u")
        return make_message(state="accepted", provider=PROVIDER, reference=reference, tries=1)

    return taken


def tell(client, sample):
    """Send the vendor's request to the one callback URL of its panel."""
    path = urlsplit(addresses.shared_callback("http")).path
    if "query" in sample:
        return client.get(path, query_string=sample["query"])
    if "json" in sample:
        return client.post(path, json=sample["json"])
    if "form" in sample:
        return client.post(path, data=sample["form"])
    return client.post(path, data=sample["body"], content_type=sample["content_type"])


def counted() -> dict[str, tuple[int, str]]:
    return {row.kind: (row.count, row.detail) for row in StrayReceipt.select()}


def test_a_report_without_a_state_is_counted_with_the_names_of_its_fields(client, through, now):
    through("msg91", "r")
    for body in ({"request_id": "r", "dlr": "9876543210"}, {"requestId": "r"}, {"status": "1"}):
        assert tell(client, {"json": body}).status_code == 200
    assert counted() == {"unread": (3, "status")}
    tell(client, {"json": {"request_id": "r", "dlr": "9876543210"}})
    assert counted() == {"unread": (4, "dlr, request_id")}


def test_an_empty_request_is_no_report(client, through):
    through("msg91", "r")
    assert tell(client, {"query": {}}).status_code == 200
    assert counted() == {}


@pytest.mark.parametrize(
    "sample",
    [
        {"body": b"\xff{", "content_type": "application/json"},
        {"body": "[" * 30_000, "content_type": "text/plain"},
        {"body": '{"status": NaN}', "content_type": "application/json"},
        {"form": {"data": "[" * 30_000}},
        {"body": "{", "content_type": "application/x-www-form-urlencoded"},
        {"form": {"response": "[{"}},
    ],
)
def test_an_invalid_body_is_refused_with_a_reason(client, through, sample):
    text = through("msg91", "r")
    answer = tell(client, sample)
    assert answer.status_code == 400
    assert "JSON" in answer.text
    assert Message.get_by_id(text.id).state == "accepted"


def test_a_report_that_matches_no_text_is_counted_after_an_hour_and_shown(client, through, sign_in, now, clock):
    """F21: it may have come before the gateway's response, so it is counted only when it expires."""
    through("msg91", "ours")
    tell(client, {"json": [{"requestId": "theirs", "status": "1"}, {"requestId": "others", "status": "2"}]})
    receipts.sweep_early(clock.now())
    assert counted() == {}
    clock.tick(3601)
    receipts.sweep_early(clock.now())
    assert counted() == {"unknown": (2, "theirs")}
    page = sign_in(make_staff("admin")).get("/x/sms_gateway/drivers").text
    assert "match no text of ours: 2, such as number theirs" in page


@pytest.fixture
def taken(make_message, now):
    """taken(5): create that many texts that the gateway accepted two hours ago."""

    def take(count: int, state: str = "accepted") -> None:
        for _ in range(count):
            row = make_message(provider=PROVIDER, created_at=now - timedelta(hours=2), state=state)
            attempts.note_receipt(row, "sms_gateway", Receipt("r", driver="http"), now=now)

    return take


def notes(now) -> dict[str, str]:
    return {one.part: one.text for one in troubles(now) if one.is_note}


def test_texts_without_any_delivery_report_raise_a_warning(through, taken, sign_in, now):
    through("msg91", "r")
    taken(unusable.LEAST - 1)
    assert notes(now) == {}
    taken(1)
    sentence = "5 texts were sent by sms_gateway/http since yesterday, but never a delivery report came"
    assert sentence in notes(now)[f"receipts of {PROVIDER}"]
    admin = sign_in(make_staff("admin"))
    assert sentence in admin.get("/x/sms_gateway/drivers").text
    assert sentence in admin.get("/admin").text


@pytest.mark.parametrize("state", ["sent", "delivered", "failed"])
def test_one_delivery_report_ends_the_warning(through, taken, now, state):
    through("msg91", "r")
    taken(unusable.LEAST)
    taken(1, state=state)
    assert notes(now) == {}


def test_texts_of_the_last_hour_raise_no_warning(through, taken, now):
    through("msg91", "r")
    taken(unusable.LEAST)
    Message.update(created_at=now - timedelta(minutes=59)).execute()
    assert notes(now) == {}
    assert SendAttempt.select().count() == unusable.LEAST


@pytest.mark.parametrize("number", ["9876543210", "919876543210", "+919876543210"])
def test_a_mobile_in_place_of_the_reference_is_masked(db, now, number):
    unusable.count(PROVIDER, "unknown", number, now=now)
    assert "87654" not in StrayReceipt.get().detail


def test_counts_expire_after_a_month(db, now):
    unusable.count(PROVIDER, "unread", "x", now=now - timedelta(days=32))
    unusable.count(PROVIDER, "unread", "x", now=now - timedelta(days=2))
    unusable.sweep_old_counts(now)
    assert StrayReceipt.select().count() == 1
    assert unusable.tallies(now) == [], "only since yesterday"
