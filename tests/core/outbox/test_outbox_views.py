"""The administrator's outbox: numbers masked, no texts."""

import csv
import re
from datetime import timedelta

import pytest

from portal.contracts import GatewayError
from portal.core.messages.models import Message
from portal.core.outbox import lists
from portal.work.audit import AuditRow
from tests.factories import make_staff


@pytest.fixture
def admin(sign_in):
    return sign_in(make_staff("admin"))


@pytest.fixture
def failed(operator, queue, text) -> Message:
    """A text that the operator rejected."""
    operator.failure = GatewayError("unknown subscriber", permanent=True)
    row = text()
    queue.drain()
    operator.failure = None
    return row


def test_the_list_shows_state_and_error_but_no_number_and_no_text(admin, failed):
    page = admin.get("/admin/messages").text
    for part in ("98xxxxxx10", "failed", "unknown subscriber"):
        assert part in page
    for part in ("+919876543210", "2611230000017", "Registration done"):
        assert part not in page


def test_pagination_leads_to_older_messages_and_back(admin, text, now):
    first = text(cause="oldest")
    for number in range(25):
        text(cause=f"cause-{number}")
    Message.update(created_at=now - timedelta(days=40)).where(Message.id == first.id).execute()
    newest = admin.get("/admin/messages?state=new&language=en&first=2026-10-01").text
    assert newest.count("98xxxxxx10") == 25
    assert "only the last 31 days are counted" in newest
    older = re.search(r'rel="next" href="([^"]+)"', newest)[1]
    page = admin.get(older.replace("&amp;", "&")).text
    assert (page.count("98xxxxxx10"), page.count("Older messages"), page.count("Newest messages")) == (1, 0, 1)
    assert first.uid in page
    assert "States over time" not in page


def test_a_failed_message_can_be_resent(admin, failed, operator, queue):
    answer = admin.submit(f"/admin/messages/{failed.uid}/resend", page="/admin/messages")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/messages")
    queue.drain()
    searched = admin.get("/admin/messages?template=registered")
    assert "It is on its way again." in searched.text
    assert len(operator.ledger) == 1
    assert admin.submit(f"/admin/messages/{failed.uid}/resend", page="/admin/messages").status_code == 409


def test_a_message_page_shows_attempts_and_history_but_no_text(admin, failed):
    page = admin.get(f"/admin/messages/{failed.uid}").text
    for part in ("98xxxxxx10", "unknown subscriber", "failed for good", "Failed for good", "9:30:00"):
        assert part in page
    for part in ("9876543210", "2611230000017", "Registration done"):
        assert part not in page
    assert admin.get("/admin/messages/nobody").status_code == 404


def test_showing_the_number_is_audited(admin, failed):
    answer = admin.submit(f"/admin/messages/{failed.uid}")
    assert "+919876543210" in answer.text
    assert "2611230000017" not in answer.text
    row = AuditRow.get(AuditRow.action == "NumberShown")
    assert (row.subject, row.actor_kind) == (failed.uid, "staff")
    assert "Number looked at" in admin.get(f"/admin/messages/{failed.uid}").text


def test_resending_from_the_message_page_returns_to_it(admin, failed):
    url = f"/admin/messages/{failed.uid}"
    answer = admin.submit(f"{url}/resend", {"one": "yes"}, page=url)
    assert (answer.status_code, answer.headers["Location"]) == (303, url)
    assert "Sent again" in admin.get(url).text


def test_the_csv_export_is_masked_has_no_formulas_and_is_audited(admin, failed):
    Message.update(error="=HYPERLINK(1)", provider="@x").execute()
    answer = admin.get("/admin/messages.csv?state=failed&mobile=98..10")
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert (answer.mimetype, len(rows)) == ("text/csv", 1)
    assert (rows[0]["mobile"], rows[0]["error"], rows[0]["sender"]) == ("98xxxxxx10", "'=HYPERLINK(1)", "'@x")
    assert (rows[0]["queued"], rows[0]["state"]) == ("2026-11-23 09:30:00", "failed")
    assert "2611230000017" not in answer.text
    record = AuditRow.get(AuditRow.action == "MessagesExported")
    assert '"state": "failed"' in record.details
    assert "98" not in record.details


def test_the_export_reads_batch_by_batch_to_its_end(admin, text, monkeypatch, now):
    monkeypatch.setattr(lists, "BATCH", 2)
    monkeypatch.setattr(lists, "EXPORT_ROWS", 6)
    uids = [text(f"cause-{number}").uid for number in range(5)]
    Message.update(created_at=now - timedelta(seconds=1)).where(Message.uid == uids[4]).execute()
    rows = list(csv.DictReader(admin.get("/admin/messages.csv").text.splitlines()))
    assert [row["message"] for row in rows] == [uids[3], uids[2], uids[1], uids[0], uids[4]]
    for number in range(5, 9):
        text(f"cause-{number}")
    assert len(admin.get("/admin/messages.csv").text.splitlines()) == 7
