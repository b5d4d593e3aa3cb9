"""The head of the audit chain is sent to the log, a file and a webhook; failures raise an alarm (S62)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from portal.base import outbound
from portal.base.errors import Invalid
from portal.core.admin.troubles import troubles
from portal.settings.clinic import put
from portal.work import audit, audit_chain, audit_heads, audit_published
from portal.work.audit import SYSTEM, AuditHead
from tests.at_once import meanwhile
from tests.scripted import Step, scripted_server


@pytest.fixture
def note(db, now):
    return lambda moment=now: audit.note("Read", "x", by=SYSTEM, now=moment)


@pytest.fixture
def server(db):
    with scripted_server() as server:
        outbound.install(frozenset({urlsplit(server.url).netloc}))
        put("audit_head_address", f"{server.url}/heads")
        yield server
    outbound.install(frozenset())


@pytest.fixture
def file(tmp_path):
    audit_heads.install(tmp_path / "heads")
    yield tmp_path / "heads"
    audit_heads.install(None)


def logged(moment) -> list[str]:
    """Run the sweep at this moment and return the heads it logged."""
    with capture_logs() as lines:
        audit_heads.send_when_due(moment)
    return [line["head"] for line in lines if line["event"] == "audit_head"]


def is_told(now) -> bool:
    return "audit" in {trouble.part for trouble in troubles(now)}


def test_the_head_is_logged_hourly_when_rows_were_added(note, now):
    note()
    assert logged(now) == [str(audit_published.head())]
    note()
    assert logged(now + timedelta(minutes=59)) == []
    assert logged(now + timedelta(minutes=60)) == [str(audit_published.head())]
    assert logged(now + timedelta(minutes=125)) == []


def test_the_head_is_logged_after_many_rows_and_daily_in_ist(note, now, monkeypatch):
    monkeypatch.setattr(audit_heads, "EVERY_ROWS", 2)
    assert logged(now) == [str(audit_published.head())]
    note()
    assert logged(now) == []
    note()
    assert logged(now) == [str(audit_published.head())]
    midnight = now.replace(hour=18, minute=30)
    assert logged(midnight - timedelta(seconds=1)) == []
    assert logged(midnight) == [str(audit_published.head())]


def test_concurrent_workers_send_the_head_once(note, now, monkeypatch):
    note()
    seen_by_both = audit_heads.AuditHead.get_by_id(1)
    assert len(logged(now)) == 1
    monkeypatch.setattr(audit_heads.AuditHead, "get_by_id", lambda _key: seen_by_both)
    assert logged(now) == []


def test_the_head_is_posted_to_the_webhook(note, now, server, queue):
    note()
    audit_heads.send_when_due(now)
    queue.drain()
    told = server.ledger[0]
    assert (told.path, told.json["head"]) == ("/heads", str(audit_published.head()))
    audit_heads.send_when_due(now + timedelta(minutes=1))
    assert queue.waiting == []


def test_a_failing_webhook_is_retried_and_raises_an_alarm(note, now, server, queue):
    note()
    server.script += [Step(503), Step(503), Step(204)]
    for minutes in (0, 11):
        audit_heads.send_when_due(now + timedelta(minutes=minutes))
        queue.drain()
    assert not is_told(now + timedelta(minutes=9))
    assert is_told(now + timedelta(minutes=11))
    audit_heads.send_when_due(now + timedelta(minutes=12))
    queue.drain()
    assert not is_told(now + timedelta(minutes=12))
    assert len(server.ledger) == 3


def test_each_head_is_appended_to_the_file_once(note, now, file, queue):
    for hour in (0, 1, 2):
        note()
        audit_heads.send_when_due(now + timedelta(hours=hour))
        queue.drain()
    audit_heads.tell(1, now)
    heads = audit_published.heads_in(file.read_text())
    assert ([one.rows for one in heads], heads[-1]) == ([1, 2, 3], audit_published.head())
    assert file.stat().st_mode & 0o077 == 0
    assert list(audit_chain.verify(heads)) == []


def test_an_unwritable_head_file_raises_an_alarm(note, now, file, queue):
    file.mkdir()
    note()
    audit_heads.send_when_due(now)
    queue.drain()
    assert is_told(now + timedelta(minutes=11))


def test_an_internal_webhook_url_is_refused_as_a_setting(db):
    with pytest.raises(Invalid, match="PORTAL_INTERNAL_HOSTS"):
        put("audit_head_address", "http://127.0.0.1:9/")
    put("audit_head_address", "")


def test_a_delivered_head_does_not_count_for_one_that_came_due_meanwhile(note, file, queue, now, clock, monkeypatch):
    def another() -> None:
        later = clock.tick(3600)
        note(later)
        audit_heads.send_when_due(later)

    note()
    audit_heads.send_when_due(now)
    meanwhile(monkeypatch, 'UPDATE "audit_head" SET "unheard_since"', another)
    audit_heads.tell(1, now)
    assert AuditHead.get_by_id(1).unheard_since is not None, "the newer one is not delivered yet"
    audit_heads.tell(1, clock.now())
    assert AuditHead.get_by_id(1).unheard_since is None
    assert str(audit_published.head()) in file.read_text()
