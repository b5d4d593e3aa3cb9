"""Durations in buckets that grow by a tenth: few numbers, and any percentile is right within five in a hundred."""

import math
from collections.abc import Mapping
from datetime import timedelta

STEP = 1.1  # a bucket's end over its beginning
LONGEST = timedelta(days=60).total_seconds()
_LOG = math.log(STEP)


def bucket_of(duration: timedelta) -> int:
    """Return the bucket of a duration; below a second, and below nothing where clocks differ, is 0."""
    seconds = min(duration.total_seconds(), LONGEST)
    return 0 if seconds < 1 else 1 + int(math.log(seconds) / _LOG + 1e-9)


def seconds_of(bucket: int) -> float:
    """Return what stands for a bucket: its middle, so that nothing in it is further away than five in a hundred."""
    return 0.0 if bucket == 0 else math.exp((bucket - 0.5) * _LOG)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the seconds within which this share of all lies (nearest rank); None without any."""
    total = sum(counts.values())
    if not total:
        return None
    rank, seen = max(1, math.ceil(share * total - 1e-9)), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return seconds_of(bucket)
    raise AssertionError("a rank lies within the total")
