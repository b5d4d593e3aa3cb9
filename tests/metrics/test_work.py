"""Series of the work behind the pages, from its rows and its queues."""

from datetime import timedelta

import pytest

from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.keeping.models import Backup
from portal.settings.backups import BackupRules
from portal.store.db import write
from portal.work import damage, events, heartbeat, jobs
from portal.work.audit import SYSTEM
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.fakes import NobodyCares
from tests.metrics.scraped import scrape


def make_message(now, **fields):
    defaults = {"to": "+919000000001", "template": "registered", "language": "en", "values": {}, "next_at": now}
    times = {"created_at": now, "expires_at": now + timedelta(days=1)}
    return Message.create(**{"cause": f"c{Message.select().count()}"} | defaults | times | fields)


def test_the_lanes_of_the_real_queue_tell_length_and_age(app, client, clock, monkeypatch):
    monkeypatch.setitem(jobs.JOBS, "remember", lambda row_id, now: None)
    hand_over = app.extensions["portal.hand_over"]
    hand_over("remember", 1)
    clock.tick(30)
    hand_over("remember", 2)
    hand_over("send_secret", 3)
    clock.tick(10)
    found = scrape(client)
    assert [found.value("portal_queue_jobs", lane=lane) for lane in ("main", "urgent", "files")] == [2, 1, 0]
    ages = [found.value("portal_queue_oldest_seconds", lane=lane) for lane in ("main", "urgent", "files")]
    assert ages == [40, 10, 0]
    app.extensions["portal.queue"].dequeue()
    assert scrape(client).value("portal_queue_oldest_seconds", lane="main") == 10


def test_an_undelivered_event_tells_its_age_and_a_dead_one_counts(client, now, clock):
    with write():
        for _ in range(2):
            event = events.record(NobodyCares(), "x", by=SYSTEM, now=now)
    Event.update(next_at=None, dead_at=now).where(Event.id == event.id).execute()
    clock.tick(400)
    found = scrape(client)
    assert found.value("portal_events_pending") == 1
    assert found.value("portal_event_oldest_seconds") == 400
    assert found.value("portal_events_dead") == 1
    assert found.value("portal_trouble", part="events") == 1
    assert found.value("portal_trouble", part="dead letters") == 1


def test_a_prescription_without_a_pdf_tells_its_age(client, usual_medicines, now, clock):
    issued = make_prescription(now)
    clock.tick(90)
    found = scrape(client)
    assert found.value("portal_prescriptions_unmade") == 1
    assert found.value("portal_prescription_oldest_seconds") == 90
    Prescription.update(stored_at=now, sha256="0" * 64, stored_name="x.pdf").where(
        Prescription.id == issued.id
    ).execute()
    found = scrape(client)
    assert found.value("portal_prescriptions_unmade") == 0
    assert found.value("portal_prescription_oldest_seconds") == 0


def test_texts_count_by_driver_and_state_for_a_quarter_of_an_hour(client, now, clock):
    make_message(now, state="failed", provider="sms_gateway/kannel")
    make_message(now, state="sent", provider="sms_gateway/kannel")
    make_message(now - timedelta(hours=1), state="sent", provider="sms_gateway/kannel")
    make_message(now)
    clock.tick(60)
    found = scrape(client)
    assert found.value("portal_sms", driver="sms_gateway/kannel", state="failed") == 1
    assert found.value("portal_sms", driver="sms_gateway/kannel", state="sent") == 1
    assert found.value("portal_sms", driver="none", state="new") == 1
    assert found.value("portal_sms_due") == 1
    assert found.value("portal_sms_oldest_due_seconds") == 60


def test_workers_tell_that_they_live_and_since_when_not(client, db):
    found = scrape(client)
    assert found.value("portal_workers") == 0
    assert found.value("portal_heartbeat_age_seconds") is None
    assert found.value("portal_trouble", part="worker") == 1
    heartbeat.Heart().beat(has_queue=True)
    found = scrape(client)
    assert found.value("portal_workers") == 1
    assert 0 <= found.value("portal_heartbeat_age_seconds") < 5
    assert found.value("portal_trouble", part="worker") == 0
    silent = heartbeat.database_time() - timedelta(seconds=40)
    heartbeat.WorkerRow.update(beat_at=silent).execute()
    assert 40 <= scrape(client).value("portal_heartbeat_age_seconds") < 50


@pytest.mark.parametrize("place", ["", "/backups"])
def test_the_backup_tells_its_age_and_whether_one_is_wanted(client, now, clock, monkeypatch, place):
    monkeypatch.setattr(BackupRules, "in_force", lambda: BackupRules(backup_place=place))
    assert scrape(client).value("portal_backup_age_seconds") is None
    Backup.create(taken_at=now, finished_at=now, place="/backups/x.tar", size=1, files=0, verified=True)
    clock.tick(26 * 3600)
    found = scrape(client)
    assert found.value("portal_backup_age_seconds") == 26 * 3600
    assert found.value("portal_backup_wanted") == bool(place)


def test_a_damaged_file_counts(client, now):
    damage.note("record", "A" * 22, is_intact=False, now=now)
    found = scrape(client)
    assert found.value("portal_files_damaged") == 1
    assert found.value("portal_trouble", part="files") == 1
