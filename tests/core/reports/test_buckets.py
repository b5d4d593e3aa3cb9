"""Percentiles from buckets are right within the error that is stated."""

import math
from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.core.reports.buckets import bucket_of, percentile

SECONDS = st.lists(st.integers(0, 40 * 24 * 3600), min_size=1, max_size=200)


@given(SECONDS, st.sampled_from((0.5, 0.9)))
def test_a_percentile_is_within_five_in_a_hundred_of_the_exact_one(seconds, share):
    exact = sorted(seconds)[math.ceil(share * len(seconds) - 1e-9) - 1]
    told = percentile(Counter(bucket_of(timedelta(seconds=each)) for each in seconds), share)
    assert abs(told - exact) <= 0.05 * exact + 1e-6


@given(SECONDS)
def test_longer_durations_are_never_in_an_earlier_bucket(seconds):
    buckets = [bucket_of(timedelta(seconds=each)) for each in sorted(seconds)]
    assert buckets == sorted(buckets)


def test_without_any_duration_there_is_no_percentile():
    assert percentile({}, 0.5) is None


def test_a_clock_that_differs_makes_no_negative_bucket():
    assert bucket_of(timedelta(seconds=-5)) == 0
