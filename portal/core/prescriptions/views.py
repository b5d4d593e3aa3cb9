"""Pages: issue a prescription, serve its file."""

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.core.accounts.here import account, signed_in
from portal.core.accounts.here import staff as doctor
from portal.core.accounts.step_up import stepped_up
from portal.core.beneficiaries.holds import require_readable
from portal.core.consults import editions
from portal.core.consults import views as consults
from portal.core.consults.gone_views import shows_what_was_typed
from portal.core.prescribing.judging import Asked
from portal.core.prescriptions import reading, services
from portal.core.privacy import doors
from portal.core.visits.states import ACTIVE
from portal.store.versions import Changed
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other, send_bytes

bp = Blueprint("prescriptions", __name__)


@bp.post("/visits/<uid>/prescription")
@allow("doctor")
@stepped_up("consults.show", again=consults.ask_code)
@shows_what_was_typed
@once
def issue(uid: str) -> ResponseReturnValue:
    """Issue the notes. From the consult page, the form is saved first, so nothing typed is lost."""
    visit = consults.require_treating(uid)
    unsaved = request.form if "diagnosis" in request.form else None
    try:
        if unsaved is not None:
            consults.save_posted(visit)
            unsaved = None
        else:
            consults.save_ticks(visit)
        base_url = current_app.config["PORTAL"].base_url.rstrip("/")
        issue_it = services.issue_version if editions.draft_of(visit) else services.issue_prescription
        issue_it(
            visit,
            doctor(),
            base_url=base_url,
            by=actor(),
            now=now(),
            judged=request.form.get("judged", "") if request.form.get("judgement") == "yes" else None,
        )
    except Changed as error:
        return consults.two_texts(visit, error)
    except Asked as error:
        return consults.consult_page(visit, errors=error.fields, status=error.status, asked=error.question)
    except Invalid as error:
        return consults.consult_page(visit, form=unsaved, errors=error.fields, status=error.status)
    return consults.back_to(uid) if visit.state in ACTIVE else see_other(url_for("consults.show", uid=uid))


@bp.get("/visits/<uid>/prescription.pdf")
@allow("beneficiary", "doctor", "medical_officer", at_kiosk=False)
def pdf(uid: str) -> ResponseReturnValue:
    """Serve the PDF to the family, the doctor, and the medical officer of the patient's centre.

    The newest version, or the one that `version` names. What no longer holds is served with a stamp across its pages.
    Of a private visit the officer gets the medicines without the notes that the PDF prints; the family asks for a code.
    """
    person, moment = signed_in(), now()
    version = request.args.get("version", type=int)
    if person.staff:
        issued = reading.open_for_staff(person.staff, uid, version, by=actor(), now=moment)
        if not reading.may_read_notes(issued, person.staff):
            return page("prescriptions/medicines.html", issued=issued, items=reading.items_of(issued))
    else:
        issued = reading.open_for_account(account(), uid, version)
        require_readable(issued.beneficiary, moment)
        if doors.is_closed(issued.visit, person.row, moment):
            return see_other(url_for("visits.show", uid=uid))
    content = reading.served(issued, by=actor(), now=moment)
    return send_bytes(content, "application/pdf", f"{issued.number}.pdf", inline=True)
