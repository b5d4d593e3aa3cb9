"""The fold of reports into stays: independent of their order; outcomes (F25, F26)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.calls.call_log_fold import Entry, fold
from tests.core.calls.test_call_log import T0


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
