"""The administrator's reports: the clinic now, and over a range of days."""

from typing import Any

from flask import Response, current_app, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.language import current
from portal.core.admin.overview import overview
from portal.core.reports import bp, days, words
from portal.core.reports.papers import prints
from portal.core.reports.papers.models import last_mail
from portal.core.reports.today import today
from portal.core.reports.trends import wishes
from portal.core.reports.trends.drawing import drawings
from portal.core.reports.trends.report import comments, report_of
from portal.core.reports.trends.section import Report, exported, shown
from portal.core.reports.trends.wishes import Wish, read_wish
from portal.core.visits.feedback import words as ratings
from portal.plugin_host.alarms import warnings
from portal.plugin_host.fallbacks import report_tables
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.pages import page, see_other, send_bytes
from portal.work import audit


@bp.get("/admin/reports")
@allow("admin")
def index() -> ResponseReturnValue:
    """Show the clinic of this moment; the page asks again by itself."""
    plugins, moment = registry(), now()
    view = overview(moment)
    return page(
        "reports/today.html",
        "today",
        report=today(view.sessions, moment),
        view=view,
        plugins=plugins,
        plugin_warnings=warnings(plugins),
        words=words,
    )


@bp.get("/admin/reports/trends")
@allow("admin")
def trends() -> ResponseReturnValue:
    """Show the report of a range of days."""
    wish = _wish()
    report = _report(wish)
    return page(
        "reports/trends.html",
        status=422 if wish.errors else 200,
        wish=wish,
        errors=wish.errors,
        report=report,
        drawings=drawings(report.sections),
        comments=comments(wish.chosen),
        ratings=ratings(),
        shown=shown,
        choices=wishes,
        today=clinic_day(now()),
        counted_at=days.counted_at(wish.chosen.last),
        mail=last_mail(),
    )


@bp.get("/admin/reports/trends.csv")
@allow("admin")
def trends_csv() -> Response:
    """Download the tables of the report as CSV; the export is audited."""
    wish = _wish()
    audit.note("ReportExported", "reports", by=actor(), now=now(), **wish.address)
    lines = exported(_report(wish), wish.chosen)
    response = current_app.response_class(stream_with_context(lines), mimetype="text/csv")
    name = f"report-{wish.chosen.first:%Y%m%d}-{wish.chosen.last:%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/admin/reports/trends.pdf")
@allow("admin")
def print_trends() -> ResponseReturnValue:
    """Have the worker print the report; idempotent. The browser goes on to the file, which may take a moment."""
    wish = read_wish(request.form, clinic_day(now()))
    prints.order(wish, current(), now())
    asked: dict[str, Any] = dict(wish.address)
    return see_other(url_for("reports.trends_pdf", **asked))


@bp.get("/admin/reports/trends.pdf")
@allow("admin")
def trends_pdf() -> ResponseReturnValue:
    """Show the report as PDF, once it was ordered and the worker has printed it; the export is audited."""
    wish = _wish()
    content = prints.file_of(wish, current())
    audit.note("ReportExported", "reports", by=actor(), now=now(), **wish.address)
    name = f"report-{wish.chosen.first:%Y%m%d}-{wish.chosen.last:%Y%m%d}.pdf"
    return send_bytes(content, "application/pdf", name, inline=True)


def _report(wish: Wish) -> Report:
    plugins = registry()
    tables = report_tables(plugins, wish.chosen.first, wish.chosen.last)
    return report_of(wish.chosen, wish.compared, plugins.title, tables)


def _wish() -> Wish:
    return read_wish(request.args, clinic_day(now()))
