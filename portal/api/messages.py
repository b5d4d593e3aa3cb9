"""SMS: delivery reports of operators, unmatched reports, segments of a text."""

from portal.base.gsm import Segments, segments
from portal.core.outbox.receipts import report
from portal.core.outbox.receipts import report_reference as report_by_reference
from portal.core.outbox.strays import Tally, tallies
from portal.core.outbox.strays import count as count_stray

__all__ = ["Segments", "Tally", "count_stray", "report", "report_by_reference", "segments", "tallies"]
