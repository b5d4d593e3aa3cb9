"""Events, audit and rate limits for plugins."""

from datetime import timedelta

from portal_plugins.esanjeevani_bridge.models import PlacesImported

from portal.api import work
from portal.store.db import write
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Event


def test_recording_writes_an_event_and_an_audit_row(db, now):
    with write():
        assert work.record(PlacesImported(rows=1), "lgd", by=SYSTEM, now=now) is None
    assert Event.get().name == AuditRow.get().action == "PlacesImported"


def test_attempts_are_counted_within_a_time_window(db, now):
    for _ in range(2):
        assert work.count_attempt("mine:door", now=now) is None
    assert work.attempts_within("mine:door", within=timedelta(minutes=1), now=now) == 2
    assert work.attempts_within("mine:door", within=timedelta(minutes=1), now=now + timedelta(minutes=2)) == 0
