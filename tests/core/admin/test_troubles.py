"""Troubles that the administrator sees: a missing worker, a queue that nobody reaches."""

from datetime import timedelta

import pytest

from portal.core.admin.troubles import troubles
from portal.work import heartbeat
from portal.work.proving import nightly
from tests.metrics.scraped import scrape
from tests.work.test_heartbeat import parts


def test_a_missing_worker_is_reported_everywhere(app, db, client):
    assert not heartbeat.is_working()
    assert "worker" in parts()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["worker"], answer.json["degraded"], answer.json["ok"]) == (
        200,
        False,
        True,
        True,
    )


def test_a_queue_that_no_worker_reaches_is_reported(app, db):
    heartbeat.Heart().beat(has_queue=False)
    assert parts() & {"queue", "worker"} == {"queue"}


def of_audit(now) -> list[str]:
    return [trouble.text for trouble in troubles(now) if trouble.part == "audit"]


def test_a_changed_audit_log_is_told_until_a_night_finds_no_break(db, now):
    nightly.put_on_record(["Row 2 was changed.", "Row 5 was changed."], now=now)
    assert ["Row 2 was changed." in text for text in of_audit(now)] == [True]
    nightly.put_on_record([], now=now)
    assert of_audit(now) == []


def test_an_audit_log_that_was_not_verified_for_two_nights_is_told(db, now):
    nightly.put_on_record([], now=now)
    assert of_audit(now + timedelta(hours=48)) == []
    assert ["not verified for two nights" in text for text in of_audit(now + timedelta(hours=50))] == [True]


@pytest.mark.parametrize("breaks", [0, 2])
def test_the_metrics_tell_what_the_verification_found(client, now, clock, breaks):
    nightly.put_on_record(["x"] * breaks, now=now)
    clock.tick(60)
    found = scrape(client)
    assert (found.value("portal_audit_breaks"), found.value("portal_audit_verified_age_seconds")) == (breaks, 60)
    assert found.value("portal_trouble", part="audit") == min(breaks, 1)
