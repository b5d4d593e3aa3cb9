"""Reports of runs: what went, or would go, by kind and month; never whose."""

import csv
import io
from collections.abc import Iterator

from portal.base.language import gettext as _
from portal.core.rights.clearing.models import RetentionRun


def by_kind(run: RetentionRun) -> list[tuple[str, int]]:
    """Return rows by the word of their kind, in the order of kinds."""
    return [(word, sum(run.counts[key].values())) for key, word in kinds().items() if key in run.counts]


def by_month(run: RetentionRun) -> list[tuple[str, str, int]]:
    """Return kind, month and rows, the oldest month first."""
    known = kinds()
    lines = [(month, key, number) for key, months in run.counts.items() for month, number in months.items()]
    return [(known.get(key, key), month, number) for month, key, number in sorted(lines)]


def table_of(run: RetentionRun) -> str:
    """Write a report as CSV, with the totals at its end."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(("kind", "due_in", "rows"))
    writer.writerows(by_month(run))
    totals = {"people": run.people, "held": run.held, "failed": run.failed, "rows": run.total}
    writer.writerows((f"total: {name}", "", number) for name, number in totals.items())
    return lines.getvalue()


def lines_of(run: RetentionRun) -> Iterator[str]:
    """Format a report for a terminal."""
    verb = "would go" if run.is_dry else "deleted"
    for word, month, number in by_month(run):
        yield f"{month}\t{number}\t{word}"
    yield f"{run.people} people, {run.total} rows {verb}; {run.held} left because of a legal hold; {run.failed} failed"


def kinds() -> dict[str, str]:
    """Return what is deleted, by kind, in the order of reports."""
    return {
        "visits": _("What was written of visits"),
        "notes": _("Doctors’ notes"),
        "prescriptions": _("Prescriptions, with what was given out and their files"),
        "records": _("Uploaded records, with their pictures"),
        "calls": _("Call logs"),
        "shares": _("What families showed to others"),
        "feedback": _("Words of feedback"),
        "chart": _("Entries of the chart"),
        "referrals": _("Reasons of referrals, with the slips"),
        "requests": _("Words of requests for a referral"),
        "cases": _("Words of grievances and requests"),
        "nominees": _("Nominees"),
        "identities": _("Confirmed numbers elsewhere"),
        "pins": _("PINs of private visits"),
        "copies": _("Copies of all data"),
        "texts": _("What text messages said, and to which number"),
    }
