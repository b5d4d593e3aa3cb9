"""What a scrape says, parsed by Prometheus's own parser."""

from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from portal.web.counted import COUNTERS

Sample = tuple[str, frozenset[tuple[str, str]]]


def scrape(client: FlaskClient) -> "Scraped":
    """Ask for the metrics, from this machine."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return Scraped(answer.text)


def flush_polls(app: Flask) -> None:
    """Add the live layer's tallies to the counters, as a timer does once a second."""
    app.extensions["portal.live"]._tallies.flush()


class Scraped:
    """The series of one scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self._values: dict[Sample, float] = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        """Return the value of one series; None when it has none."""
        return self._values.get((name, frozenset(labels.items())))

    def labels(self) -> set[tuple[str, str]]:
        """Return every (label, value) of every series."""
        return {pair for _name, pairs in self._values for pair in pairs}


def known_names() -> set[str]:
    """Return the names of the counters' series, also of those that have no value yet."""
    kinds = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    families = list(COUNTERS.collect())
    return {f"{family.name}{ending}" for family in families for ending in kinds[family.type]}
