"""The worker's heartbeat: each worker has its own, and a silent one expires."""

from portal.base import clock
from portal.core.admin.troubles import troubles
from portal.work import heartbeat
from portal.work.heartbeat import SILENT_AFTER, WorkerRow
from tests.fakes import Operator, install_plugin


def parts() -> set[str]:
    return {trouble.part for trouble in troubles(clock.now())}


def test_a_heartbeat_is_seen_and_a_silent_worker_expires(app, db, client):
    heart = heartbeat.Heart()
    heart.beat(has_queue=True)
    assert heartbeat.is_working()
    assert "worker" not in parts()
    assert client.get("/readyz").json["worker"] is True
    WorkerRow.update(beat_at=heartbeat.database_time() - SILENT_AFTER).execute()
    assert not heartbeat.is_working()


def test_a_stopped_worker_is_missing_at_once(app, db):
    heart = heartbeat.Heart()
    heart.beat(has_queue=True)
    heart.stop()
    assert WorkerRow.select().count() == 0


def test_each_worker_has_its_own_heartbeat_row(app, db):
    first, second = heartbeat.Heart(), heartbeat.Heart()
    first.beat(has_queue=True)
    second.beat(has_queue=True)
    second.stop()
    assert [row.name for row in heartbeat.living()] == [first.name]


def test_the_sign_in_page_says_so_when_no_worker_sends_texts(app, db, client):
    install_plugin(app, "operator", send_message=Operator().send_message)
    assert "OTPs are late just now" in client.get("/login").text
    heartbeat.Heart().beat(has_queue=True)
    assert "OTPs are late just now" not in client.get("/login").text
