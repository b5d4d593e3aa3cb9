"""The administrator's pages of break-glass: reason, confirmation, and the record, read only, for half an hour."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.step_up import stepped_up
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.opening import services
from portal.core.opening.models import Opening
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import Prescription
from portal.core.records import reading as records
from portal.core.records.kinds import MIME, download_name
from portal.core.records.models import READABLE, Record
from portal.core.rights.picking import is_left_out
from portal.core.visits.models import Visit
from portal.settings.clinic import RightsRules
from portal.store.listing import page_of
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, page_number, see_other, send_bytes
from portal.work import audit

bp = Blueprint("opening", __name__)
PAGE = 30


@bp.get("/admin/record/<uid>/open")
@allow("admin")
def ask(uid: str) -> ResponseReturnValue:
    """Show the form for the reason, and what waits for a second person."""
    return _form(uid, {})


@bp.post("/admin/record/<uid>/open")
@allow("admin")
@stepped_up("opening.ask")
@once
def open_record(uid: str) -> ResponseReturnValue:
    """Ask to read somebody's record."""
    try:
        reason, too = request.form.get("reason", ""), bool(request.form.get("with_private"))
        made = services.ask_opening(_person(uid), reason, staff(), with_private=too, by=actor(), now=now())
    except Invalid as error:
        return _form(uid, error.fields)
    except Conflict as error:
        return _form(uid, {"": error.message}, error.status)
    return see_other(url_for("opening.show" if made.ends_at else "opening.ask", uid=made.uid if made.ends_at else uid))


@bp.get("/admin/openings/<uid>")
@allow("admin")
def show(uid: str) -> ResponseReturnValue:
    """Show the record to whom it is open, read only; or to a colleague the wish that waits."""
    found = _found(uid)
    if found in services.waiting(now()):
        return _wish(found)
    found = services.opened_by(staff(), uid, now())
    audit.note("ChartRead", found.beneficiary.uid, by=actor(), now=now(), opening=uid)
    visits = Visit.select(Visit, ClinicSession, Specialty).join(ClinicSession).join(Specialty)
    listed = page_of(
        visits.where(Visit.beneficiary == found.beneficiary).order_by(Visit.id.desc()), page_number(), PAGE
    )
    issued = Prescription.select().where(Prescription.visit.in_(listed.rows)).order_by(Prescription.id)
    files = Record.select().where((Record.beneficiary == found.beneficiary) & Record.state.in_(READABLE))
    return page(
        "opening/record.html",
        opening=found,
        person=found.beneficiary,
        listed=listed,
        closed={each.id for each in listed.rows if is_left_out(each.session.specialty, is_opened=found.with_private)},
        prescriptions={each.visit_id: each for each in issued},
        files=[each for each in files.order_by(Record.id.desc()).limit(PAGE) if not _is_closed(found, each)],
    )


@bp.post("/admin/openings/<uid>/confirm")
@allow("admin")
@stepped_up("opening.show")
@once
def confirm(uid: str) -> ResponseReturnValue:
    """Confirm a colleague's wish."""
    try:
        found = services.confirm_opening(uid, staff(), by=actor(), now=now())
    except Conflict as error:
        return _wish(_found(uid), error)
    flash(_("Confirmed. Your colleague may do it for 30 minutes."), "success")
    return see_other(url_for("opening.ask", uid=found.beneficiary.uid))


@bp.get("/admin/openings/<uid>/prescriptions/<issued>.pdf")
@allow("admin")
def prescription(uid: str, issued: str) -> ResponseReturnValue:
    """Answer with a prescription of the opened record (audited)."""
    found = services.opened_by(staff(), uid, now())
    mine = (Prescription.uid == issued) & (Prescription.beneficiary == found.beneficiary)
    asked: Prescription | None = Prescription.get_or_none(mine)
    if asked is None or is_left_out(asked.visit.session.specialty, is_opened=found.with_private):
        raise NotFound
    content = prescriptions.served(asked, by=actor(), now=now())
    audit.note("PrescriptionRead", asked.uid, by=actor(), now=now(), opening=uid)
    return send_bytes(content, "application/pdf", f"{asked.number}.pdf", inline=True)


@bp.get("/admin/openings/<uid>/files/<record>")
@allow("admin")
def file(uid: str, record: str) -> ResponseReturnValue:
    """Answer with a cleaned file of the opened record (audited)."""
    found = services.opened_by(staff(), uid, now())
    mine = (Record.uid == record) & (Record.beneficiary == found.beneficiary) & Record.state.in_(READABLE)
    asked: Record | None = Record.get_or_none(mine)
    if asked is None or _is_closed(found, asked):
        raise NotFound
    content = records.content(asked)
    audit.note("RecordRead", asked.uid, by=actor(), now=now(), opening=uid)
    return send_bytes(content, MIME[asked.kind], download_name(asked.title, asked.kind))


def _is_closed(found: Opening, file: Record) -> bool:
    source = file.visit.session if file.visit else file.request or file.referral
    return is_left_out(source.specialty if source else None, is_opened=found.with_private)


def _form(uid: str, errors: Mapping[str, str], status: int = 422) -> Response:
    person = _person(uid)
    mine = (Opening.beneficiary == person) & (Opening.asked_by == staff()) & (Opening.ends_at > now())
    return page(
        "opening/ask.html",
        status=status if errors else 200,
        errors=errors,
        form=request.form,
        person=person,
        open_now=Opening.select().where(mine).first(),
        waiting=[each for each in services.waiting(now()) if each.beneficiary_id == person.id],
        needs_two=RightsRules.in_force().record_opening_needs_two == "yes",
        longest=services.LONGEST,
        me_id=staff().id,
    )


def _wish(found: Opening, error: Conflict | None = None) -> Response:
    status, errors = (error.status, {"": error.message}) if error else (200, {})
    is_mine = found.asked_by_id == staff().id
    return page("opening/wish.html", status=status, errors=errors, opening=found, is_mine=is_mine)


def _person(uid: str) -> Beneficiary:
    person: Beneficiary | None = Beneficiary.get_or_none(Beneficiary.uid == uid)
    if person is None:
        raise NotFound
    return person


def _found(uid: str) -> Opening:
    found: Opening | None = Opening.get_or_none(Opening.uid == uid)
    if found is None:
        raise NotFound
    return found
