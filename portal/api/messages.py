"""SMS: delivery reports of operators, unmatched reports, segments of a text; accounts that a mobile still reaches."""

from portal.base.gsm import Segments, segments
from portal.core.beneficiaries.reached import reached
from portal.core.outbox.receipts import report
from portal.core.outbox.receipts import report_reference as report_by_reference
from portal.core.outbox.unusable import Tally, tallies
from portal.core.outbox.unusable import count as count_unusable

__all__ = ["Segments", "Tally", "count_unusable", "reached", "report", "report_by_reference", "segments", "tallies"]
