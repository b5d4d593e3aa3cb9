"""A worker that lives says so, and who needs one learns that there is none: the pages, `portal check` and /readyz."""

from portal.base import clock
from portal.core.admin.troubles import troubles
from portal.work import heartbeat
from portal.work.heartbeat import SILENT_AFTER, WorkerRow
from tests.fakes import Operator, install_plugin


def parts() -> set[str]:
    return {trouble.part for trouble in troubles(clock.now())}


def test_without_a_worker_everybody_is_told(app, db, client):
    assert not heartbeat.is_working()
    assert "worker" in parts()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["worker"], answer.json["degraded"], answer.json["ok"]) == (
        200,
        False,
        True,
        True,
    )


def test_a_beat_is_heard_and_a_silent_worker_forgotten(app, db, client):
    heart = heartbeat.Heart()
    heart.beat(has_queue=True)
    assert heartbeat.is_working()
    assert "worker" not in parts()
    assert client.get("/readyz").json["worker"] is True
    WorkerRow.update(beat_at=heartbeat.database_time() - SILENT_AFTER).execute()
    assert not heartbeat.is_working()


def test_a_worker_that_stops_is_missed_at_once(app, db):
    heart = heartbeat.Heart()
    heart.beat(has_queue=True)
    heart.stop()
    assert WorkerRow.select().count() == 0


def test_a_queue_that_no_worker_reaches_is_told(app, db):
    heartbeat.Heart().beat(has_queue=False)
    assert parts() & {"queue", "worker"} == {"queue"}


def test_of_two_workers_each_has_a_row(app, db):
    first, second = heartbeat.Heart(), heartbeat.Heart()
    first.beat(has_queue=True)
    second.beat(has_queue=True)
    second.stop()
    assert [row.name for row in heartbeat.living()] == [first.name]


def test_signing_in_does_not_say_that_a_text_is_on_its_way_when_nobody_sends_it(app, db, client):
    install_plugin(app, "operator", send_message=Operator().send_message)
    assert "OTPs are late just now" in client.get("/login").text
    heartbeat.Heart().beat(has_queue=True)
    assert "OTPs are late just now" not in client.get("/login").text
