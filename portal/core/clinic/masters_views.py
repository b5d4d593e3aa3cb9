"""Pages of master data: centres, specialties, holidays, sessions."""

from collections.abc import Mapping
from datetime import date

import peewee
from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base import typed
from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.clinic import masters
from portal.core.clinic.models import ClinicSession, Specialty
from portal.store.listing import page_of
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form, yes_or_no
from portal.web.pages import page, page_number, see_other

bp = Blueprint("clinic", __name__)
PAGE, LAST_ROW = 20, 2**31 - 1


def titles() -> dict[str, str]:
    """Return the heading of each kind's page."""
    return {"centres": _("Wellness centres"), "specialties": _("Specialties"), "holidays": _("Holidays")}


def columns(kind: str) -> list[tuple[str, str]]:
    """Return (field, label) of a kind, in the order of the form."""
    labels = {
        "code": _("Code"),
        "prefix": _("Token prefix"),
        "neutral_prefix": _("Token prefix while private (empty: OPD)"),
        "day": _("Day"),
        "name": _("Name (English)"),
        "name_hi": _("Name (Hindi)"),
        "city": _("City"),
        "address": _("Address"),
        "phone": _("Telephone"),
    }
    _model, required, optional = masters.MASTERS[kind]
    return [(key, labels[key]) for key in (*required, *optional)]


def switches(kind: str) -> dict[str, str]:
    """Return the label of each yes-or-no field of a kind."""
    labels = {"active": _("In use"), "is_private": _("Private within the family")}
    return {name: labels[name] for name in masters.SWITCHES[kind]}


@bp.route("/admin/<any(centres, specialties, holidays):kind>", methods=["GET", "POST"])
@allow("admin")
def master(kind: str) -> ResponseReturnValue:
    """List a kind's rows with a form: `?edit=` opens a row, else the form adds one."""
    form, errors = typed_form(), {}
    if request.method == "POST":
        if form.get("again"):
            return _listed(kind, form, {})
        try:
            if kind == "holidays" and (asked := _asked(form)):
                return asked
            masters.save_master(kind, form.get("row", ""), form, by=actor(), now=now())
            return see_other(url_for("clinic.master", kind=kind))
        except Changed as error:
            return changed_page(error, dict(columns(kind)) | switches(kind), yes_or_no(*switches(kind)))
        except Invalid as error:
            errors = error.fields
        except Conflict as error:
            errors = {"": error.message}
    return _listed(kind, form, errors)


def _asked(form: Mapping[str, str]) -> Response | None:
    """Ask before a holiday sends people on, also when more wait than the question said; None where it need not."""
    tokens = masters.holiday_asks(form, now())
    seen = version_of({"waiting": " ".join(tokens)})
    if not tokens or form.get("seen") == seen:
        return None
    left_out = {"csrf_token", "seen", "confirm", "again"}
    fields = {name: value for name, value in form.items() if name not in left_out}
    return page("admin/holiday_asks.html", tokens=tokens, seen=seen, fields=fields, is_stale="seen" in form)


def _listed(kind: str, form: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    model, required, _optional = masters.MASTERS[kind]
    listed = page_of(model.select().order_by(*_order(kind)), page_number(), PAGE)
    edited = model.get_or_none(
        model.id == (typed.ascii_whole(request.args.get("edit", form.get("row", "")), 1, LAST_ROW) or 0)
    )
    return page(
        "admin/master.html",
        status=422 if errors else 200,
        kind=kind,
        title=titles()[kind],
        titles=titles(),
        columns=columns(kind),
        switches=_switches_shown(kind, edited, form),
        required=required,
        listed=listed,
        edited=edited,
        form=form,
        errors=errors,
        value_of=_value_of,
        cell=_cell,
        versions={row.id: version_of(masters.row_shown(kind, row)) for row in (*listed.rows, *[edited] * bool(edited))},
    )


def _order(kind: str) -> list[peewee.Expression]:
    """Return the order of a kind's list: by its first field, of holidays those to come before those that are over."""
    model, required, _optional = masters.MASTERS[kind]
    first = getattr(model, required[0])
    return [first < clinic_day(now()), first] if kind == "holidays" else [first, model.id]


@bp.post("/admin/holidays/<int:row>/delete")
@allow("admin")
def delete_holiday(row: int) -> ResponseReturnValue:
    """Delete a holiday."""
    masters.delete_holiday(row, request.form.get("version", ""), by=actor(), now=now())
    return see_other(url_for("clinic.master", kind="holidays"))


@bp.get("/admin/sessions")
@allow("admin")
def sessions() -> ResponseReturnValue:
    """List sessions from today on, with their quota."""
    found = ClinicSession.select(ClinicSession, Specialty).join(Specialty).where(ClinicSession.day >= clinic_day(now()))
    rows = list(found.order_by(ClinicSession.day, Specialty.id))
    versions = {row.id: version_of({"quota": str(row.quota)}) for row in rows}
    return page("admin/sessions.html", sessions=rows, versions=versions)


@bp.post("/admin/sessions/<uid>/quota")
@allow("admin")
def quota(uid: str) -> ResponseReturnValue:
    """Change a session's quota."""
    form = typed_form()
    try:
        beyond = masters.set_quota(uid, form.get("quota", ""), form.get("version", ""), by=actor(), now=now())
        if beyond > 0:
            given = _("%(count)s more tokens are given than the new number.", count=beyond)
            flash(given + " " + _("They stay, and no further ones are given."), "warn")
    except Changed as error:
        return changed_page(error, {"quota": _("Quota")}, back=url_for("clinic.sessions"))
    return see_other(url_for("clinic.sessions"))


def _switches_shown(kind: str, row: object | None, form: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (field, label, "yes" or "no") of each switch, as the form shows it."""
    new = masters.SWITCHES[kind]
    stored = masters.row_shown(kind, row) if row else new
    return [(name, label, form.get(name) or stored[name]) for name, label in switches(kind).items()]


def _value_of(row: object | None, key: str) -> str:
    """Return a field as the form shows it; empty for a new row."""
    value = getattr(row, key, None)
    return "" if value is None else str(value)


def _cell(row: object, key: str) -> str:
    """Return a field as the list shows it."""
    value = getattr(row, key)
    return show_date(value) if isinstance(value, date) else str(value)
