"""The report by e-mail: once for each week or month that is over, by a plugin, to addresses of the administration."""

from datetime import date, datetime, timedelta

import structlog

from portal.base import clock, language
from portal.base.clock import clinic_day, ist
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.contracts import Attachment, GatewayError, Letter
from portal.core.reports.papers.models import ReportMail, ReportMailed, ReportMailFailed
from portal.core.reports.papers.prints import printed
from portal.core.reports.trends.reading import Range
from portal.core.reports.trends.wishes import Wish
from portal.plugin_host.registry import registry
from portal.settings.reports import ReportRules, addresses_in
from portal.store.db import write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record
from portal.work.leases import BackOff, Leases

MAX_TRIES = 8
LEASES = Leases(
    ReportMail,
    timedelta(minutes=5),
    BackOff(first=60, longest=3600, spread=0.2),
    is_open=ReportMail.state == "new",
)
log = structlog.get_logger(__name__)


@jobs.sweep(every=60)
def sweep_report_mails(now: datetime) -> None:
    """Begin the mail of a period that is over, and re-enqueue those that are due for a retry."""
    begin_when_due(now)
    for row in ReportMail.select(ReportMail.id).where(LEASES.waiting(now)).order_by(ReportMail.id).limit(5):
        jobs.enqueue(send_report_mail, row.id)


def begin_when_due(now: datetime) -> None:
    """Begin the mail of the newest period that is over, once, from the hour that the clinic has set.

    One that was due while nothing was set, or the worker was off, is sent for the newest period alone.
    """
    rules = ReportRules.in_force()
    if rules.report_mail == "never" or not rules.report_mail_to or ist(now).hour < rules.report_mail_hour:
        return
    period, first, last = newest_period(rules.report_mail, clinic_day(now))
    if not ReportMail.select().where(ReportMail.period == period).exists():
        ReportMail.insert(period=period, first=first, last=last).on_conflict_ignore().execute()


def newest_period(how: str, today: date) -> tuple[str, date, date]:
    """Return the newest week (Monday to Sunday) or month that is over: its name, first and last day."""
    if how == "weekly":
        first = today - timedelta(days=today.weekday() + 7)
        return f"week {first}", first, first + timedelta(days=6)
    last = today.replace(day=1) - timedelta(days=1)
    return f"month {last.replace(day=1)}", last.replace(day=1), last


@jobs.in_lane("files")
def send_report_mail(row_id: int, now: datetime) -> None:
    """Print and send one mail under a lease; the plugin is called outside any transaction."""
    now = max(now, clock.now())
    row = LEASES.take(row_id, now)
    if row is None:
        return
    to = addresses_in(ReportRules.in_force().report_mail_to)
    if not to or not registry().implementations("send_letter"):
        _end(row, "left", _("No plugin that sends e-mail is on, or no address is set."), now)
        return
    with LEASES.giving_back(row, now):
        letter = _letter(row, to, now)
    try:
        answer = registry().first("send_letter", letter=letter)
    except GatewayError as error:
        _failed(row, error, now)
        return
    except Exception as error:  # noqa: BLE001 whatever a plugin breaks with is a failed try
        _failed(row, GatewayError(type(error).__name__), now)
        return
    if answer is None:
        _end(row, "left", _("No plugin that sends e-mail is on, or no address is set."), now)
        return
    with write():
        if LEASES.done(row, state="sent", error="", sent_at=now):
            record(ReportMailed(period=row.period, addresses=len(to)), row.uid, by=SYSTEM, now=now)


def _letter(row: ReportMail, to: list[str], now: datetime) -> Letter:
    with language.speaking(ReportRules.in_force().report_mail_language):
        wish = Wish(Range(row.first, row.last), compare="before")
        content, finding = printed(wish, row.uid, now)
        days = _("%(first)s to %(last)s", first=show_date(row.first), last=show_date(row.last))
        title = _("Report of the tele-OPD")
        more = _("The tables and drawings are in the file. Nobody is named.")
        return Letter(
            uid=row.uid,
            to=tuple(to),
            subject=f"{title}: {days}",
            text=f"{days}\n{finding}\n\n{more}\n",
            attachments=(Attachment(f"report-{row.first}-{row.last}.pdf", "application/pdf", content),),
        )


def _failed(row: ReportMail, error: GatewayError, now: datetime) -> None:
    """Try again later; after an unknown outcome never, as the mail may be there."""
    words = str(error)[:200]
    if error.unknown or error.permanent or row.tries >= MAX_TRIES:
        _end(row, "failed", words, now)
    else:
        LEASES.later(row, now, error=words)


def _end(row: ReportMail, state: str, words: str, now: datetime) -> None:
    with write():
        if LEASES.done(row, state=state, error=words[:200]):
            record(ReportMailFailed(period=row.period), row.uid, by=SYSTEM, now=now)
    log.warning("report_not_mailed", period=row.period, state=state)
