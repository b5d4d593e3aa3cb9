"""Adding, reading and deleting health records."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.beneficiaries.views import account
from portal.core.clock import now
from portal.core.errors import NotFound
from portal.core.records import services
from portal.core.records.files import MIME
from portal.core.records.models import Record
from portal.core.visits.models import Visit
from portal.web.access import actor, allow, signed_in
from portal.web.files import send_bytes
from portal.web.pages import see_other

bp = Blueprint("records", __name__)


@bp.post("/visits/<uid>/records")
@allow("beneficiary")
def add(uid: str) -> ResponseReturnValue:
    """More records while the visit is open."""
    visit = Visit.get_or_none(Visit.uid == uid)
    if visit is None or visit.beneficiary.account_id != account().id:
        raise NotFound
    services.add_to_visit(visit, request.files.getlist("records"), by=actor(), now=now())
    return see_other(url_for("visits.show", uid=uid))


@bp.get("/records/<uid>")
@allow("beneficiary", "doctor")
def read(uid: str) -> ResponseReturnValue:
    """The file itself: for the family, and for the doctor who has the patient now."""
    person = signed_in()
    if person.staff:
        return _sent(services.open_for_doctor(person.staff, uid, by=actor(), now=now()))
    return _sent(services.open_for_account(account(), uid))


@bp.post("/records/<uid>/remove")
@allow("beneficiary")
def remove(uid: str) -> ResponseReturnValue:
    """Take a record back before the consultation."""
    visit = services.remove(account(), uid, by=actor(), now=now())
    return see_other(url_for("visits.show", uid=visit.uid) if visit else url_for("beneficiaries.family"))


def _sent(found: Record) -> Response:
    return send_bytes(services.content(found), MIME[found.kind], found.title)
