"""Call log: each report is stored once, in its bounds; it never changes a visit (F25, F26)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.base.errors import Invalid, NotFound
from portal.core.calls import call_log, rooms
from portal.core.calls.models import CallEvent, CallRoom
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_visit
from tests.fakes import install_plugin
from tests.noted import noted

T0 = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def room(app: Flask, db: None, now: datetime) -> CallRoom:
    """The telephone room of a visit in its call."""
    install_plugin(app, "quiet")
    row = rooms.open_room(registry(), make_visit("in_call"), by=SYSTEM, now=now)
    CallRoom.update(provider="quiet").where(CallRoom.id == row.id).execute()
    return CallRoom.get_by_id(row.id)


def report(room: CallRoom, what: str, who: str = "patient", **more) -> bool:
    people = {"patient": room.visit.beneficiary.uid, "doctor": room.visit.doctor.uid, "guest": "G" * 22}
    return call_log.report(room.uid, people[who], what, more.pop("now", room.opened_at), **more)


def test_a_report_is_stored_once_with_its_role_and_audited(room, now) -> None:
    answers = [report(room, "joined", who, connection="c1") for who in ("patient", "doctor", "guest", "patient")]
    assert answers == [True, True, True, False]
    assert [row.role for row in CallEvent.select().order_by(CallEvent.id)] == ["patient", "doctor", "guest"]
    assert AuditRow.select().where(AuditRow.action == "CallJoined").count() == 3
    assert noted(lambda: report(room, "left", connection="c1")) == [("CallLeft", SYSTEM, room.visit.uid)]


def test_a_change_of_mode_is_audited_and_in_the_notes(room, now, clock) -> None:
    assert report(room, "mode", word="audio", now=clock.tick(30))
    assert not report(room, "mode", word="audio", now=clock.tick(1))
    assert call_log.mode_of(room.visit) == "audio"
    (moment,) = call_log.attempts_of(room.visit, clock.now())[0].log.moments
    assert (moment.word, moment.at) == ("audio", now + timedelta(seconds=30))
    assert AuditRow.select().where(AuditRow.action == "CallModeChanged").count() == 1


@pytest.mark.parametrize(("what", "word"), [("mode", "phone"), ("mode", ""), ("quality", "splendid")])
def test_a_plugin_cannot_report_unknown_words(room, what, word) -> None:
    with pytest.raises(Invalid):
        report(room, what, word=word)
    with pytest.raises(NotFound):
        call_log.report("nothing", "nobody", "joined", T0)


def test_only_changes_of_quality_are_stored_and_the_worst_is_shown(room, now) -> None:
    assert [report(room, "quality", word=word) for word in ("good", "poor", "poor", "fair")] == [
        True,
        True,
        False,
        True,
    ]
    assert call_log.attempts_of(room.visit, now)[0].log.quality == {"patient": "poor"}


def test_after_the_end_only_a_late_left_is_stored_with_the_time_of_the_end(room, now, clock) -> None:
    report(room, "joined", connection="c1")
    CallRoom.update(closed_at=now + timedelta(seconds=9)).where(CallRoom.id == room.id).execute()
    late = clock.tick(60)
    assert report(room, "left", connection="c1", now=late)
    assert not report(room, "joined", "doctor", connection="c2", now=late)
    assert CallEvent.select().order_by(CallEvent.id.desc()).first().at == now + timedelta(seconds=9)


def test_an_impossible_time_is_clamped_to_the_call(room, now, clock) -> None:
    report(room, "joined", connection="a", at=now - timedelta(days=1))
    report(room, "joined", connection="b", at=now + timedelta(days=1), now=clock.tick(5))
    assert [row.at for row in CallEvent.select().order_by(CallEvent.id)] == [now, now + timedelta(seconds=5)]


def test_a_call_has_a_limit_of_events(room, monkeypatch) -> None:
    monkeypatch.setattr(call_log, "MOST_EVENTS", 5)
    assert sum(report(room, "joined", connection=str(number)) for number in range(9)) == 5


def test_no_report_changes_a_visit(room, now) -> None:
    before = Visit.get_by_id(room.visit_id).__data__
    for what, word in (("joined", ""), ("left", ""), ("failed", "ice"), ("quality", "poor"), ("mode", "audio")):
        report(room, what, word=word, connection="c")
    assert Visit.get_by_id(room.visit_id).__data__ == before
