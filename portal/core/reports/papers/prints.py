"""Reports as PDF: ordered when somebody asks, printed by the worker in a child process, kept for a day."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base import clock, language
from portal.base.clock import clinic_day
from portal.base.errors import BeingMade, NotFound
from portal.base.language import gettext as _
from portal.core.paper import pdf
from portal.core.reports import days
from portal.core.reports.papers.models import ReportPrint
from portal.core.reports.trends.wishes import Wish, read_wish
from portal.store.db import write
from portal.work import jobs
from portal.work.leases import BackOff, Leases

MAKING_SECONDS = 3
KEPT = timedelta(days=1)
STYLE = "report.css"
LEASES = Leases(
    ReportPrint,
    timedelta(minutes=3),  # the printing, and the wait for a child
    BackOff(first=5, longest=300),
    is_open=ReportPrint.stored_at.is_null(),
)


@dataclass(frozen=True)
class Sheet:
    """What is printed, as HTML, and its one sentence."""

    html: str
    finding: str


Drawn = Callable[[Wish, datetime], Sheet]
_drawn: list[Drawn] = []


def draws(function: Drawn) -> Drawn:
    """Register what makes the sheet of a report, in the current language."""
    _drawn[:] = [function]
    return function


def printed(wish: Wish, identifier: str, now: datetime) -> tuple[bytes, str]:
    """Print a report in a child process: its PDF, and its one sentence."""
    sheet = _drawn[0](wish, now)
    with pdf.printers().reserved() as ask:
        return ask(pdf.request_of(sheet.html, identifier, style=STYLE)), sheet.finding


def file_of(wish: Wish, spoken: str) -> bytes:
    """Return the PDF of a report. Raises NotFound when nobody ordered it, BeingMade until the worker has printed it."""
    row: ReportPrint | None = ReportPrint.get_or_none(ReportPrint.key == _key(wish, spoken))
    if row is None:
        raise NotFound(_("This report is not printed. Please press “The report for printing” once more."))
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
    row = LEASES.take(row_id, max(now, clock.now()))
    if row is None:
        return
    with LEASES.giving_back(row, now), language.speaking(row.language):
        content, _finding = printed(read_wish(row.wish, clinic_day(now)), row.key, now)
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
