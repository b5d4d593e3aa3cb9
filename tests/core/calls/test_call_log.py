"""Call log: independent of the order of reports; outcomes; it never changes a visit (F25, F26)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.base.errors import Invalid, NotFound
from portal.core.calls import call_log, rooms
from portal.core.calls.call_log_fold import Entry, fold
from portal.core.calls.call_log_page import panel_of
from portal.core.calls.models import CallEvent, CallRoom
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_visit
from tests.fakes import install_plugin
from tests.noted import noted

T0 = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def said(seconds: float, kind: str, role: str = "", connection: str = "", word: str = "") -> Entry:
    return Entry(at(seconds), kind, role, connection, word)


def log_of(*entries: Entry, closed: float | None = 100):
    return fold(entries, closed_at=None if closed is None else at(closed), now=at(100))


@pytest.mark.parametrize(
    ("entries", "outcome", "together"),
    [
        ([], "nobody", 0),
        ([said(1, "joined", "patient", "p")], "patient only", 0),
        ([said(1, "joined", "doctor", "d")], "doctor only", 0),
        ([said(1, "joined", "guest", "g")], "nobody", 0),
        ([said(1, "phoned", "doctor")], "phoned", 0),
        (
            [said(1, "joined", "patient", "p"), said(20, "joined", "doctor", "d"), said(80, "left", "patient", "p")],
            "both",
            60,
        ),
        (
            [said(1, "joined", "patient", "p"), said(5, "left", "patient", "p"), said(9, "joined", "doctor", "d")],
            "both",
            0,
        ),
        # Two pages of one person count once; a page without a "left" stays until the room is closed.
        (
            [
                said(0, "joined", "patient", "p"),
                said(5, "joined", "patient", "q"),
                said(0, "joined", "doctor", "d"),
                said(30, "left", "patient", "p"),
            ],
            "both",
            100,
        ),
        # The late "left" of an old page does not end the new page's stay.
        (
            [
                said(0, "joined", "doctor", "d"),
                said(0, "joined", "patient", "p"),
                said(40, "joined", "patient", "q"),
                said(10, "left", "patient", "p"),
                said(50, "left", "patient", "p"),
            ],
            "both",
            70,
        ),
    ],
)
def test_presence_and_how_long_both_were_there(entries, outcome, together) -> None:
    log = log_of(*entries)
    assert (log.outcome, log.together.total_seconds()) == (outcome, together)


REPORTS = st.lists(
    st.builds(
        said,
        st.integers(0, 90),
        st.sampled_from(["joined", "left"]),
        st.sampled_from(["patient", "doctor"]),
        st.sampled_from("abc"),
    ),
    max_size=12,
)


@given(reports=REPORTS, data=st.data())
def test_order_and_duplicates_change_nothing(reports, data) -> None:
    shuffled = data.draw(st.permutations(reports + reports[: len(reports) // 2]))
    log = log_of(*reports)
    assert log == log_of(*shuffled)
    assert timedelta() <= log.together <= timedelta(seconds=100)
    assert all(stay.since <= stay.until for stay in log.stays)


def test_a_lost_left_ends_with_the_room_and_a_lost_joined_is_no_stay() -> None:
    log = log_of(
        said(3, "joined", "patient", "p"), said(9, "left", "doctor", "d"), said(50, "ended", word="VisitCompleted")
    )
    assert [(stay.role, stay.until) for stay in log.stays] == [("patient", at(100))]
    assert log.ended == "VisitCompleted"
    assert log_of(said(3, "joined", "patient", "p"), closed=None).is_there("patient")


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


def test_a_call_is_under_way_until_it_is_over_and_then_counts_the_time_together(room, now, clock) -> None:
    for who in ("patient", "doctor"):
        report(room, "joined", who, connection=who)
    clock.tick(120)
    visit = Visit.get_by_id(room.visit_id)
    (shown,) = panel_of(registry(), visit, clock.now()).attempts
    assert shown.outcome == "Under way."
    CallRoom.update(closed_at=clock.now()).where(CallRoom.id == room.id).execute()
    (shown,) = panel_of(registry(), visit, clock.now()).attempts
    assert shown.outcome == "Both were in the call, together for 2:00 min."


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
