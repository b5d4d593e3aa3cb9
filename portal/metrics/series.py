"""One series of gauges, as a collector yields it, and the moments that ages are counted from."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

Series = Iterator[GaugeMetricFamily]
Rows = Iterable[tuple[tuple[str, ...], float]]


def gauge(name: str, about: str, value: float | None) -> GaugeMetricFamily:
    """Make a series without labels; None leaves it without a value, as of a backup that nobody asked for."""
    family = GaugeMetricFamily(name, about)
    if value is not None:
        family.add_metric([], value)
    return family


def gauges(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> GaugeMetricFamily:
    """Make a series with labels, from rows of (values of the labels, value)."""
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, value in rows:
        family.add_metric(list(values), value)
    return family


def seconds_since(moment: datetime | None, now: datetime) -> float:
    """Return the age in seconds; 0 for nothing, and for what is still to come."""
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0
