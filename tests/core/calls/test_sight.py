"""Whether the doctor saw the patient: half a minute with the picture, by any sequence of reports (domain.md 1.6)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.calls import call_log, rooms
from portal.core.calls.call_log_fold import Entry
from portal.core.calls.models import CallRoom
from portal.core.calls.sight import Recorded, Sight, sight_of
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM
from tests.factories import make_staff, make_visit
from tests.fakes import install_plugin

T0 = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LONG = 90


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def said(seconds: float, kind: str, role: str, word: str = "", connection: str = "c") -> Entry:
    return Entry(at(seconds), kind, role, connection if kind in {"joined", "left"} else "", word)


def seen(*entries: Entry, closed: float | None = None, now: float = LONG) -> Sight:
    return sight_of([Recorded(entries, None if closed is None else at(closed))], at(now))


BOTH = (said(0, "joined", "patient"), said(5, "joined", "doctor"))


@pytest.mark.parametrize(
    ("entries", "enough", "gaps"),
    [
        pytest.param(BOTH, None, (), id="present, no report of a picture: nothing is assumed"),
        pytest.param((*BOTH, said(6, "mode", "patient", "video")), 36, (), id="half a minute from the picture on"),
        pytest.param((said(0, "mode", "patient", "video"), BOTH[0]), None, (), id="the patient alone"),
        pytest.param((*BOTH, said(6, "mode", "patient", "audio")), None, ((6, None),), id="voice only"),
        pytest.param((*BOTH, said(6, "mode", "doctor", "video")), None, (), id="back to video is no picture yet"),
        pytest.param((*BOTH, said(6, "mode", "", "video")), None, (), id="a statement is no report"),
        pytest.param(
            (*BOTH, said(6, "mode", "patient", "video"), said(50, "mode", "doctor", "phone")),
            36,
            ((50, None),),
            id="ended by telephone it stays video, with a drop",
        ),
        pytest.param(
            (
                *BOTH,
                said(6, "mode", "patient", "video"),
                said(26, "mode", "patient", "audio"),
                said(40, "mode", "patient", "video"),
            ),
            50,
            ((26, 40),),
            id="half a minute in all, over a drop",
        ),
    ],
)
def test_half_a_minute_with_the_picture_makes_it_video(entries, enough, gaps) -> None:
    found = seen(*entries)
    assert found.enough_at == (None if enough is None else at(enough))
    assert found.gaps == tuple((at(since), None if until is None else at(until)) for since, until in gaps)


SEEN = (*BOTH, said(6, "mode", "patient", "video"))


@pytest.mark.parametrize(
    ("entries", "closed", "gaps"),
    [
        pytest.param((*SEEN, said(50, "left", "patient")), None, ((50, None),), id="the line is lost"),
        pytest.param((*SEEN, said(50, "left", "patient")), 70, ((50, None),), id="and the call is ended afterwards"),
        pytest.param(
            (*SEEN, said(50, "left", "patient"), said(60, "joined", "patient", connection="d")),
            None,
            ((50, 60),),
            id="the patient comes back",
        ),
        pytest.param((*SEEN, said(50, "left", "patient", "goodbye")), 70, (), id="the patient said goodbye"),
        pytest.param((*SEEN, said(50, "left", "patient")), 50, (), id="the call ended"),
        pytest.param((*SEEN, said(50, "left", "doctor")), None, (), id="the doctor's own line"),
        pytest.param((*BOTH, said(50, "left", "patient")), None, (), id="a patient who was never seen"),
        pytest.param(
            (*SEEN, said(20, "joined", "patient", connection="d"), said(50, "left", "patient")),
            None,
            (),
            id="another page is still there",
        ),
    ],
)
def test_a_patient_who_is_lost_from_the_call_is_a_drop(entries, closed, gaps) -> None:
    found = seen(*entries, closed=closed).gaps
    assert found == tuple((at(since), None if until is None else at(until)) for since, until in gaps)


def test_a_patient_who_comes_back_in_another_call_is_seen_again() -> None:
    first = Recorded((*SEEN, said(50, "left", "patient")), at(60))
    again = Recorded((said(80, "joined", "patient", connection="d"),), None)
    assert sight_of([first, again], at(90)).gaps == ((at(50), at(80)),)


def test_the_end_of_a_call_is_no_drop_and_calls_add_up() -> None:
    first = Recorded((*BOTH, said(6, "mode", "patient", "video")), at(21))
    again = Recorded(tuple(Entry(each.at + timedelta(seconds=40), *_rest(each)) for each in first.entries), at(61))
    assert sight_of([first], at(80)) == Sight()
    found = sight_of([first, again], at(80))
    assert (found.enough_at, found.gaps) == (at(61), ())


def test_a_medicine_is_unseen_from_the_drop_to_the_pictures_return() -> None:
    found = Sight(gaps=((at(10), at(20)), (at(30), None)))
    assert [found.is_gone(at(second)) for second in (9, 10, 19, 20, 29, 30, 99)] == [
        False,
        True,
        True,
        False,
        False,
        True,
        True,
    ]


def _rest(entry: Entry) -> tuple[str, str, str, str]:
    return entry.kind, entry.role, entry.connection, entry.word


PRESENCE = st.builds(
    said,
    st.integers(0, LONG),
    st.sampled_from(["joined", "left"]),
    st.sampled_from(["patient", "doctor"]),
    st.just(""),
    st.sampled_from("ab"),
)
PICTURE = st.builds(
    said,
    st.integers(0, LONG),
    st.just("mode"),
    st.sampled_from(["patient", "doctor", ""]),
    st.sampled_from(["video", "audio", "phone"]),
)
REPORTS = st.lists(PRESENCE | PICTURE, max_size=16)


@settings(max_examples=300)
@given(reports=REPORTS, data=st.data())
def test_any_sequence_of_reports_gives_what_a_clock_would_count(reports, data) -> None:
    shuffled = data.draw(st.permutations(reports + reports[: len(reports) // 2]))
    found = seen(*shuffled)
    assert found == seen(*reports)
    counted = [second for second in range(LONG) if is_seen(reports, second)]
    assert found.enough_at == (at(counted[29] + 1) if len(counted) >= 30 else None)
    if found.enough_at is not None:  # whatever follows
        assert seen(*reports, said(LONG, "mode", "doctor", "phone")).enough_at == found.enough_at


@given(reports=REPORTS)
def test_nothing_is_assumed_without_a_picture_of_the_patient(reports) -> None:
    unseen = [entry for entry in reports if (entry.word, entry.role) != ("video", "patient")]
    assert seen(*unseen).enough_at is None
    alone = [entry for entry in reports if entry.role != "doctor" or entry.kind == "mode"]
    assert seen(*alone).enough_at is None


def is_seen(reports: list[Entry], second: int) -> bool:
    """Count by hand: both are there, and the patient's picture is on, in this second."""
    modes = sorted(
        (entry for entry in reports if entry.kind == "mode" and entry.role and entry.at <= at(second)),
        key=lambda entry: (entry.at, (entry.word, entry.role) != ("video", "patient")),
    )
    shows = False
    for entry in modes:
        shows = entry.role == "patient" if entry.word == "video" and not shows else entry.word == "video"
    return shows and all(is_in(reports, role, second) for role in ("patient", "doctor"))


def is_in(reports: list[Entry], role: str, second: int) -> bool:
    for page in "ab":
        moments = {
            kind: min((e.at for e in reports if (e.kind, e.role, e.connection) == (kind, role, page)), default=None)
            for kind in ("joined", "left")
        }
        came, went = moments["joined"], moments["left"]
        if came is not None and came <= at(second) and (went is None or max(went, came) > at(second)):
            return True
    return False


def test_a_colleagues_presence_does_not_count_for_this_doctor(app, db, now, clock) -> None:
    install_plugin(app, "quiet")
    visit = make_visit("in_call")
    room = rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    CallRoom.update(provider="quiet").where(CallRoom.id == room.id).execute()
    colleague, patient = make_staff(), visit.beneficiary.uid
    for who in (patient, colleague.uid):
        call_log.report(room.uid, who, "joined", now, connection=who)
    assert call_log.report(room.uid, patient, "mode", now, word="video")
    later = clock.tick(60)
    assert call_log.sight_of(visit, colleague.uid, later).enough_at == now + timedelta(seconds=30)
    assert call_log.sight_of(Visit.get(), visit.doctor.uid, later).enough_at is None
