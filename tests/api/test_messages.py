"""Texts for plugins: reports that match none are counted."""

from portal.api import messages
from portal.core.messages.models import StrayReceipt


def test_an_unmatched_delivery_report_is_counted(db, now):
    messages.count_unusable("some/driver", "unread", "a, b", now=now)
    assert [(row.provider, row.count) for row in StrayReceipt.select()] == [("some/driver", 1)]
    assert [tally.unusable for tally in messages.tallies(now)] == [{"unread": 1}]
