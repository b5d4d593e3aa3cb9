"""What the desk prints for people without a phone: the slip of a token, and the medicines in large print."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import NotFound
from portal.core.desk import tokens
from portal.core.desk.here import desk
from portal.core.family import large_prints
from portal.core.prescriptions import reading
from portal.web.access import actor, allow
from portal.web.pages import page, send_bytes
from portal.work import audit

bp = Blueprint("desk_prints", __name__)


@bp.get("/desk/tokens/<uid>")
@allow("desk")
def slip(uid: str) -> ResponseReturnValue:
    """Show the slip of a token with which this desk helps, in large type to print."""
    return page("desk/slip.html", visit=tokens.visit_of(desk(), uid))


@bp.get("/desk/tokens/<uid>/medicines.pdf")
@allow("desk")
def medicines(uid: str) -> ResponseReturnValue:
    """Serve today's medicines of such a visit in large print (audited), to be handed to the person."""
    visit, moment = tokens.visit_of(desk(), uid, on=now()), now()
    issued = reading.of_visit(visit)
    if issued is None or issued.cancelled_at:
        raise NotFound
    content = large_prints.file_of(issued)
    audit.note("PrescriptionRead", issued.uid, by=actor(), now=moment)
    return send_bytes(content, "application/pdf", f"{issued.number}-large-print.pdf", inline=True)
