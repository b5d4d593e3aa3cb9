"""Rate limits: attempts count exactly within their time window."""

from datetime import timedelta

import pytest

from portal.base.clock import SKEW
from portal.work import throttle
from portal.work.throttle import KEPT, UNDECIDED, Attempt

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
BUCKET = "otp:+919876543210"


@pytest.fixture
def counted(db, now):
    """counted(age): does an attempt of this age count in the last minute?"""

    def counted(age, make=throttle.hit, within=MINUTE) -> int:
        make(BUCKET, now=now - age)
        return throttle.count(BUCKET, within=within, now=now)

    return counted


@pytest.mark.parametrize(
    ("age", "count"), [(MINUTE - SECOND, 1), (MINUTE, 0), (-SKEW, 1), (-SKEW - SECOND, 0), (timedelta(), 1)]
)
def test_an_attempt_counts_within_the_window_and_not_from_the_future(counted, age, count):
    assert counted(age) == count


@pytest.mark.parametrize(("age", "count"), [(29 * SECOND, 1), (30 * SECOND, 0)])
def test_an_undecided_guess_counts_for_half_a_minute(counted, age, count):
    assert counted(age, throttle.begin) == count


def test_a_wrong_guess_counts_like_any_attempt(db, now):
    guess, other = throttle.begin(BUCKET, now=now), throttle.begin("another", now=now)
    throttle.decide([guess])
    later = now + UNDECIDED
    assert [throttle.count(bucket, within=MINUTE, now=later) for bucket in (BUCKET, "another")] == [1, 0]
    throttle.give_back([other])
    assert Attempt.select().count() == 1


def test_a_success_resets_only_its_own_bucket(db, now):
    for bucket in (BUCKET, "another"):
        throttle.hit(bucket, now=now)
    throttle.forget(BUCKET)
    assert [row.bucket for row in Attempt.select()] == ["another"]


def test_the_throttle_backs_off_and_doubles_three_times(db, now):
    waits = []
    for _ in range(12):
        waits.append(throttle.wait(BUCKET, free=2, within=MINUTE, pace=4 * SECOND, now=now))
        throttle.hit(BUCKET, now=now)
    assert waits == [0, 0, 4, 4, 8, 8, 16, 16, 32, 32, 32, 32]
    pace = {"free": 2, "within": MINUTE, "pace": 4 * SECOND}
    assert [throttle.wait(BUCKET, **pace, now=now + gap * SECOND) for gap in (31.5, 32, 40)] == [1, 0, 0]


def test_an_attempt_from_the_future_does_not_throttle(db, now):
    for age in (MINUTE / 2, MINUTE / 2, -SKEW - SECOND):
        throttle.hit(BUCKET, now=now - age)
    assert throttle.wait(BUCKET, free=2, within=MINUTE, pace=4 * SECOND, now=now) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.66", "203.0.113.0/24"),
        ("::ffff:203.0.113.66", "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("a socket with a very long name", "a socket with a very"),
    ],
)
def test_an_address_maps_to_its_network(address, network):
    assert throttle.network(address) == network


def test_attempts_are_kept_for_two_days_and_then_deleted(db, now):
    assert timedelta(days=2) == KEPT
    for age in (KEPT, KEPT + SECOND):
        throttle.hit(BUCKET, now=now - age)
    throttle.sweep_attempts(now)
    assert [row.at for row in Attempt.select()] == [now - KEPT]
