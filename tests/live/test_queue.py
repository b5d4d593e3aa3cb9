"""The change between two readings of a queue's rows, and what follows for those who wait."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.visits.models import Visit
from portal.core.visits.states import AWAITING_RECALL, CALLED, COMPLETED, IN_CALL, WAITING
from portal.live.queue import (
    CHANGING,
    TOUCHED,
    Change,
    change_between,
    counted_ahead,
    has_called,
    held_in,
    open_accounts,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
WAITS = (1, WAITING, None, 0, 0, None, NOW, 0, None, None)
CALLED_ONCE = (1, CALLED, 7, 1, 0, NOW, NOW, 0, None, None)
CALLED_TWICE = (1, CALLED, 7, 2, 0, NOW, NOW, 0, None, None)
SET_ASIDE = (1, AWAITING_RECALL, None, 1, 1, None, NOW, 0, None, None)
TOUCHED_AGAIN = (*WAITS[:TOUCHED], NOW, None)
LEASED_AGAIN = (*CALLED_ONCE[:TOUCHED], None, NOW)


def test_only_the_last_two_columns_are_presence_and_leases():
    assert CHANGING[TOUCHED:] == (Visit.here_until, Visit.lease_until)


@pytest.mark.parametrize(
    ("known", "row", "moved", "touched"),
    [
        pytest.param(None, WAITS, {1}, set(), id="new"),
        pytest.param(WAITS, WAITS, set(), set(), id="unchanged"),
        pytest.param(WAITS, CALLED_ONCE, {1}, set(), id="called"),
        pytest.param(WAITS, TOUCHED_AGAIN, set(), {1}, id="presence touched"),
        pytest.param(CALLED_ONCE, LEASED_AGAIN, set(), {1}, id="lease renewed"),
        pytest.param(TOUCHED_AGAIN, CALLED_ONCE, {1}, set(), id="called, no longer present"),
    ],
)
def test_a_visit_is_new_or_moved_or_only_touched_or_unchanged(known, row, moved, touched):
    assert change_between({1: known} if known else {}, {1: row}) == Change(moved, touched)


@pytest.mark.parametrize(
    ("known", "row", "expected"),
    [
        pytest.param(None, WAITS, False, id="a new one waits"),
        pytest.param(None, CALLED_ONCE, True, id="a new one is called already"),
        pytest.param(WAITS, CALLED_ONCE, True, id="for the first time"),
        pytest.param(CALLED_ONCE, CALLED_TWICE, True, id="once more"),
        pytest.param(CALLED_ONCE, SET_ASIDE, False, id="set aside after a call"),
    ],
)
def test_a_token_was_called_if_its_count_of_calls_has_changed(known, row, expected):
    assert has_called({1: known} if known else {}, {1: row}, {1}) is expected


@pytest.mark.parametrize(
    ("state", "here", "counts"),
    [
        (WAITING, None, True),
        (AWAITING_RECALL, None, False),
        (AWAITING_RECALL, NOW - timedelta(seconds=1), False),
        (AWAITING_RECALL, NOW + timedelta(seconds=1), True),
        (CALLED, NOW + timedelta(seconds=1), False),
        (COMPLETED, None, False),
    ],
)
def test_a_waiting_or_present_visit_counts_as_ahead(state, here, counts):
    first = Visit(id=1, state=state, here_until=here)
    rows = {1: (1, state, *WAITS[2:]), 2: (2, WAITING, *WAITS[2:])}
    assert counted_ahead(rows, {1: first, 2: Visit(id=2, state=WAITING)}, NOW) == {1: 0, 2: int(counts)}


def test_a_doctor_holds_the_visits_that_are_called_or_in_the_call():
    rows = {key: (key, state, doctor) for key, state, doctor in ((1, CALLED, 7), (2, IN_CALL, 8), (3, WAITING, None))}
    visits = {key: Visit(id=key) for key in rows}
    assert held_in(rows, visits) == {7: [visits[1]], 8: [visits[2]]}


def test_an_account_without_open_visits_is_not_waiting():
    rows = {key: (key, state) for key, state in ((1, WAITING), (2, COMPLETED), (3, COMPLETED), (4, IN_CALL))}
    assert open_accounts(rows, {1: 11, 2: 11, 3: 12, 4: 13}) == {11, 13}
