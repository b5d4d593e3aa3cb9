"""Troubles that the administrator sees: a missing worker, a queue that nobody reaches."""

from portal.work import heartbeat
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
