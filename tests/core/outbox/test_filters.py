"""Filters and search of the outbox."""

from portal.core.outbox.filters import masked
from portal.work.events import Event
from tests.core.outbox.test_outbox_views import admin as admin
from tests.core.outbox.test_outbox_views import failed as failed
from tests.factories import make_visit

QUERIES = {
    "state=failed": True,
    "state=delivered": False,
    "template=registered": True,
    "template=otp": False,
    "mobile=9810": True,
    "mobile=98xxxxxx10": True,
    "mobile=9876543210": True,
    "mobile=9811": False,
    "state=%00&template=%27": True,
    "language=en&provider=operator": True,
    "provider=another": False,
    "language=hi": False,
    "first=2026-11-23&last=2026-11-23": True,
    "first=2026-11-01&last=2026-11-22": False,
    "first=0001-01-01&last=9999-12-31": True,
    "last=0001-01-01": False,
    "first=x&last=2026-13-45": True,
    "about=cause": False,
    "about=MED-001": False,
    "before=nobody": True,
}


def test_the_list_can_be_filtered(admin, failed):
    answers = {query: admin.get(f"/admin/messages?{query}") for query in QUERIES}
    assert {answer.status_code for answer in answers.values()} == {200}
    assert {query: "98xxxxxx10" in answer.text for query, answer in answers.items()} == QUERIES
    assert not any("9876543210" in answer.text for answer in answers.values())


def test_a_typed_number_is_masked_at_once():
    typed = ["9876543210", "+91 98765 43210", "98xxxxxx10", "98…10", " 9810 "]
    assert {masked(text) for text in typed} == {"98…10"}
    assert {masked(text) for text in ("", "x", "987", "5010", "98765432")} == {""}


def test_search_finds_a_token_a_visit_and_a_message(admin, text, now):
    visit = make_visit()
    event = Event.create(name="CallMissed", subject=visit.uid, at=now, by_kind="system", by_uid="", data={})
    row = text(event.uid, "missed_call")
    text("another")
    for about in (visit.token, visit.token.lower(), visit.uid, row.uid):
        assert admin.get(f"/admin/messages?about={about}").text.count("98xxxxxx10") == 1
    assert "No message" in admin.get("/admin/messages?about=MED-999").text
