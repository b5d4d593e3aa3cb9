"""Results as they are shown: beside the doctor's notes, and counted in the report."""

from datetime import date, datetime, time, timedelta
from typing import Any

from portal.api import clinic, clock, documents
from portal.api.base import NotFound, show_moment
from portal.api.base import gettext as _
from portal.api.storage import write
from portal.contracts import Panel, PanelFact, ReportTable

from .models import LabOrder

SHOWN, MOST = 3, 100
FLAGS = ("", "low", "high")


def take(told: dict[str, Any], *, now: datetime) -> LabOrder:
    """Store what the laboratory tells; the same again changes nothing. Raises ValueError, NotFound."""
    found = [_result(each) for each in _listed(told)]
    row = LabOrder.get_or_none(LabOrder.uid == str(told.get("order", "")))
    if row is None:
        raise NotFound
    changes = {"results": found, "has_report": told.get("has_report") is True, "state": "done", "done_at": now}
    with write():
        LabOrder.update(**changes).where((LabOrder.id == row.id) & (LabOrder.state != "cancelled")).execute()
        if changes["has_report"]:
            documents.fetch_records(row.visit_uid)
    return row  # type: ignore[no-any-return]


def panel(visit_uid: str) -> Panel | None:
    """Return the newest results of the patient of a visit, without those that are not for its doctor."""
    patient = clinic.visit(visit_uid).patient.uid
    rows = LabOrder.select().where((LabOrder.patient_uid == patient) & (LabOrder.state != "cancelled"))
    recent = list(rows.order_by(LabOrder.sent_at.desc()).limit(MOST))
    readable = documents.readable_beside(visit_uid, [row.visit_uid for row in recent])
    newest = [row for row in recent if row.visit_uid in readable][:SHOWN]
    if not newest:
        return None
    facts = [fact for row in newest if row.state == "done" for fact in _facts(row)]
    waiting = sum(row.state == "sent" for row in newest)
    note = _("Orders without a result yet: %(count)s", count=waiting) if waiting else ""
    return Panel(_("Laboratory"), tuple(facts), note)


def table(first: date, last: date) -> ReportTable:
    """Count the orders and results of these days."""
    begin, end = clock.at_ist(first, time.min), clock.at_ist(last + timedelta(days=1), time.min)
    rows = list(LabOrder.select().where((LabOrder.sent_at >= begin) & (LabOrder.sent_at < end)))
    sent = [row for row in rows if row.state != "cancelled"]
    done = [row for row in sent if row.state == "done"]
    return ReportTable(
        _("Laboratory"),
        _("Orders"),
        (_("How many"), _("Tests"), _("Of them with a code")),
        (
            (_("Sent"), (len(sent), sum(row.tests for row in sent), sum(row.coded for row in sent))),
            (_("With a result"), (len(done), sum(row.tests for row in done), sum(row.coded for row in done))),
        ),
    )


def _listed(told: dict[str, Any]) -> list[Any]:
    found = told.get("results")
    if not isinstance(found, list) or len(found) > MOST:
        raise ValueError("results is a list of at most 100")
    return found


def _result(each: Any) -> dict[str, str]:
    """Read one result: texts of at most 80 characters. Raises ValueError."""
    names = ("name", "value", "unit", "range", "flag")
    if not isinstance(each, dict):
        raise ValueError("a result is an object")  # noqa: TRY004 the caller answers 422
    read = {name: each.get(name, "") for name in names}
    if any(not isinstance(text, str) or len(text) > 80 for text in read.values()) or read["flag"] not in FLAGS:
        raise ValueError("name, value, unit, range are texts of at most 80 characters; flag is low, high or empty")
    return read


def _facts(row: LabOrder) -> list[PanelFact]:
    day = show_moment(row.done_at)
    return [
        PanelFact(
            one["name"],
            f"{one['value']} {one['unit']}".strip(),
            " · ".join(filter(None, [one["range"], day])),
            "warn" if one["flag"] else "info",
        )
        for one in row.results
    ]
