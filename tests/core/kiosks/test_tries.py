"""Ten wrong codes of a network in a quarter of an hour, and a right one costs none."""

import pytest

from portal.base.errors import Invalid, TooMany
from portal.core.kiosks import tries

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.7"


def guess(now, address=HERE, *, is_right=False):
    with tries.counted(address, now=now):
        if not is_right:
            raise Invalid({"code": "wrong"})


def test_the_eleventh_wrong_code_of_a_network_has_to_wait(db, clock):
    for _ in range(10):
        with pytest.raises(Invalid):
            guess(clock.now())
    with pytest.raises(TooMany):
        guess(clock.now(), is_right=True)
    guess(clock.now(), ELSEWHERE, is_right=True)
    guess(clock.tick(15 * 60 + 1), is_right=True)


def test_a_right_code_costs_no_try(db, now):
    for _ in range(20):
        guess(now, is_right=True)
