"""The administrator's pages of retention: dry runs, their confirmation, reports; legal holds."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.step_up import stepped_up
from portal.core.rights.clearing import holds, orders, reports
from portal.settings.clinic import RightsRules
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, page_number, see_other

bp = Blueprint("clearing", __name__)


@bp.get("/admin/retention")
@allow("admin")
def shown() -> ResponseReturnValue:
    """Show whether anything is deleted, what would go, and the reports."""
    return _page()


@bp.post("/admin/retention")
@allow("admin")
@once
def order() -> ResponseReturnValue:
    """Order a dry run: it counts and deletes nothing."""
    orders.begin(is_dry=True, staff=staff(), by=actor(), now=now())
    return see_other(url_for("clearing.shown"))


@bp.post("/admin/retention/<uid>/confirm")
@allow("admin")
@stepped_up("clearing.report")
def confirm(uid: str) -> ResponseReturnValue:
    """Confirm a dry run: from tonight on what is due is deleted. Idempotent."""
    try:
        orders.confirm(uid, staff(), by=actor(), now=now())
    except Conflict as error:
        return _report(uid, errors={"": error.message}, status=error.status)
    flash(_("Confirmed. What is due is deleted every night from now on, with a report each time."), "success")
    return see_other(url_for("clearing.shown"))


@bp.get("/admin/retention/<uid>")
@allow("admin")
def report(uid: str) -> ResponseReturnValue:
    """Show the report of one run, by kind and month."""
    return _report(uid)


@bp.get("/admin/retention/<uid>.csv")
@allow("admin")
def report_file(uid: str) -> ResponseReturnValue:
    """Give the report of one run as CSV."""
    run = orders.find(uid)
    response = make_response(reports.table_of(run))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    kind = "dry-run" if run.is_dry else "run"
    response.headers["Content-Disposition"] = f'attachment; filename="retention-{kind}-{run.day.isoformat()}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/admin/holds")
@allow("admin")
def held() -> ResponseReturnValue:
    """List the legal holds, and show the form for a new one."""
    return _holds_page()


@bp.post("/admin/holds")
@allow("admin")
@once
def hold() -> ResponseReturnValue:
    """Place a legal hold."""
    try:
        holds.place_hold(request.form, staff(), by=actor(), now=now())
    except Invalid as error:
        return _holds_page(errors=error.fields, status=error.status)
    except Conflict as error:
        return _holds_page(errors={"": error.message}, status=error.status)
    flash(_("Held. It is not deleted until the hold is released."), "success")
    return see_other(url_for("clearing.held"))


@bp.get("/admin/holds/<uid>")
@allow("admin")
def hold_page(uid: str) -> ResponseReturnValue:
    """Show one hold, and the form to release it."""
    return page("rights/hold.html", hold=holds.find(uid), errors=None, form=request.form)


@bp.post("/admin/holds/<uid>")
@allow("admin")
@stepped_up("clearing.hold_page")
@once
def release(uid: str) -> ResponseReturnValue:
    """Release a hold, for a reason."""
    try:
        holds.release_hold(uid, request.form, staff(), by=actor(), now=now())
    except Invalid as error:
        found = holds.find(uid)
        return page("rights/hold.html", status=error.status, hold=found, errors=error.fields, form=request.form)
    except Conflict as error:
        found = holds.find(uid)
        return page("rights/hold.html", status=error.status, hold=found, errors={"": error.message}, form={})
    flash(_("Released. What is due is deleted in the next run."), "success")
    return see_other(url_for("clearing.held"))


def _page() -> Response:
    newest = orders.newest_dry()
    return page(
        "rights/retention.html",
        rules=RightsRules.in_force(),
        confirmed=orders.confirmation(),
        newest=newest,
        lines=reports.by_kind(newest) if newest else [],
        runs=orders.newest_runs(),
    )


def _report(uid: str, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    run, newest = orders.find(uid), orders.newest_dry()
    is_newest = newest is not None and newest.id == run.id
    return page(
        "rights/retention_run.html",
        status=status,
        run=run,
        kinds=reports.by_kind(run),
        lines=reports.by_month(run),
        may_confirm=run.finished_at is not None and run.confirmed_at is None and is_newest,
        errors=errors,
    )


def _holds_page(*, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    is_released = request.args.get("state") == "released"
    return page(
        "rights/holds.html",
        status=status,
        listed=holds.listed(page_number(), released=is_released),
        is_released=is_released,
        errors=errors,
        form=request.form,
    )
