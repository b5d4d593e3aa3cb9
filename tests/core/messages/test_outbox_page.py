"""The administrator looks after the outbox: numbers masked, no words."""

import pytest

from portal.contracts import GatewayError
from portal.core.messages.filters import masked
from portal.core.messages.models import Message
from tests.factories import make_staff


@pytest.fixture
def admin(sign_in):
    return sign_in(make_staff("admin"))


@pytest.fixture
def failed(operator, queue, text) -> Message:
    """A text that the operator refused."""
    operator.failure = GatewayError("unknown subscriber", permanent=True)
    row = text()
    queue.drain()
    operator.failure = None
    return row


def test_the_list_shows_state_and_reason_but_no_number_and_no_words(admin, failed):
    page = admin.get("/admin/messages").text
    for part in ("98xxxxxx10", "failed", "unknown subscriber"):
        assert part in page
    for part in ("+919876543210", "2611230000017", "Registration done"):
        assert part not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", True),
        ("state=delivered", False),
        ("template=registered", True),
        ("template=otp", False),
        ("mobile=9810", True),
        ("mobile=98xxxxxx10", True),
        ("mobile=9876543210", True),
        ("mobile=9811", False),
        ("state=%00&template=%27", True),
        ("page=2", False),
        ("page=99999999999999999999", False),
        ("page=-1", True),
    ],
)
def test_the_list_is_searched(admin, failed, query, found):
    answer = admin.get(f"/admin/messages?{query}")
    assert answer.status_code == 200
    assert ("98xxxxxx10" in answer.text) == found
    assert "9876543210" not in answer.text


def test_long_lists_have_pages(admin, text):
    for number in range(51):
        text(cause=f"cause-{number}")
    assert "page=2" in admin.get("/admin/messages?state=new").text
    assert admin.get("/admin/messages?state=new&page=2").text.count("98xxxxxx10") == 1


def test_a_failed_one_is_sent_again(admin, failed, operator, queue):
    answer = admin.submit(f"/admin/messages/{failed.uid}/resend", page="/admin/messages")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/messages")
    queue.drain()
    assert len(operator.ledger) == 1
    assert admin.submit(f"/admin/messages/{failed.uid}/resend", page="/admin/messages").status_code == 409


@pytest.mark.parametrize("typed", ["9876543210", "+91 98765 43210", "98xxxxxx10", "98…10", " 9810 "])
def test_a_typed_number_is_masked_at_once(db, typed):
    assert masked(typed) == "98…10"


@pytest.mark.parametrize("typed", ["", "x", "987", "5010", "98765432"])
def test_what_is_no_number_searches_nothing(db, typed):
    assert masked(typed) == ""
