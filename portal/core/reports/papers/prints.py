"""Reports as PDF: ordered when somebody asks, printed by the worker in a child process, kept for a day."""

import hashlib
import json
from datetime import datetime, timedelta

from portal.base import clock, language
from portal.base.clock import clinic_day
from portal.base.errors import BeingMade
from portal.base.language import gettext as _
from portal.core.paper import pdf
from portal.core.reports import days
from portal.core.reports.papers.models import ReportPrint
from portal.core.reports.papers.sheet import html_of
from portal.core.reports.trends.wishes import Wish, read_wish
from portal.store.db import write
from portal.work import jobs
from portal.work.leases import BackOff, Leases

MAKING_SECONDS = 3
KEPT = timedelta(days=1)
STYLE = "report.css"
LEASES = Leases(
    ReportPrint,
    timedelta(seconds=pdf.SECONDS + 15),
    BackOff(first=5, longest=300),
    is_open=ReportPrint.stored_at.is_null(),
)


def file_of(wish: Wish, spoken: str, now: datetime) -> bytes:
    """Return the PDF of a report. Raises BeingMade until the worker has printed it."""
    row = order(wish, spoken, now)
    if row.content is None:
        raise BeingMade(_("The report is being printed. Please try again in a moment."), retry_after=MAKING_SECONDS)
    return bytes(row.content)


def order(wish: Wish, spoken: str, now: datetime) -> ReportPrint:
    """Order a print, or return the one that there is: of the same wish, language and count."""
    key = _key(wish, spoken)
    found: ReportPrint | None = ReportPrint.get_or_none(ReportPrint.key == key)
    if found is None:
        with write():
            ReportPrint.insert(key=key, wish=wish.address, language=spoken, asked_at=now).on_conflict_ignore().execute()
            found = ReportPrint.get(ReportPrint.key == key)
            jobs.enqueue(make_report_print, found.id)
    return found


@jobs.in_lane("files")
def make_report_print(row_id: int, now: datetime) -> None:
    """Print one report. Idempotent. A failed attempt releases its lease and is retried."""
    with pdf.printers().reserved() as ask:
        now = max(now, clock.now())  # waiting for a child does not shorten the lease
        row = LEASES.take(row_id, now)
        if row is None:
            return
        with LEASES.giving_back(row, now), language.speaking(row.language):
            wish = read_wish(row.wish, clinic_day(now))
            content = ask(pdf.request_of(html_of(wish, now), row.key, style=STYLE))
        LEASES.done(row, content=content, stored_at=now, next_at=None)


@jobs.sweep(every=10)
def sweep_report_prints(now: datetime) -> None:
    """Re-enqueue prints that a crash or a lost queue left unmade, and forget those of the day before."""
    ReportPrint.delete().where(ReportPrint.asked_at < now - KEPT).execute()
    for row in ReportPrint.select(ReportPrint.id).where(LEASES.waiting(now)).order_by(ReportPrint.id).limit(20):
        jobs.enqueue(make_report_print, row.id)


def _key(wish: Wish, spoken: str) -> str:
    counted = days.counted_at(wish.chosen.last)
    said = json.dumps([wish.address, spoken, counted.isoformat() if counted else ""], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
