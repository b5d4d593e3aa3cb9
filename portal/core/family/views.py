"""My medicines on the page of a visit, and the visits, medicines and uploads of one person at a time."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries import services
from portal.core.beneficiaries.holds import is_held, require_readable
from portal.core.family import large_prints, medicines, past, reader_words
from portal.core.family.medicines import Sheet
from portal.core.family.readers import readings_of
from portal.core.prescriptions import reading as prescriptions
from portal.core.privacy import doors
from portal.core.visits.models import Visit
from portal.web.access import allow
from portal.web.pages import page, page_number, see_other, send_bytes

bp = Blueprint("family", __name__)


@bp.app_template_global()
def medicines_of(visit: Visit) -> Sheet | None:
    """Give the page of a visit its medicines, as the rooms of visits know no prescriptions."""
    return medicines.sheet_of(visit, now())


@bp.get("/visits/<uid>/large-print.pdf")
@allow("beneficiary", at_kiosk=False)
def large_print(uid: str) -> ResponseReturnValue:
    """Serve the patient's sheet in large print: of the newest version, while it holds."""
    issued, moment = prescriptions.open_for_account(account(), uid), now()
    require_readable(issued.beneficiary, moment)
    if doors.is_closed(issued.visit, signed_in().row, moment) or issued.cancelled_at:
        return see_other(url_for("visits.show", uid=uid))
    content = large_prints.file_of(issued)
    return send_bytes(content, "application/pdf", f"{issued.number}-large-print.pdf", inline=True)


@bp.get("/my/readers")
@allow("beneficiary")
def readers() -> ResponseReturnValue:
    """Tell the family who saw which of their records, when and why, newest first."""
    return page("family/readers.html", listed=readings_of(account(), page_number()), words=reader_words)


@bp.get("/my/visits")
@allow("beneficiary")
def visits() -> ResponseReturnValue:
    """Show one person's present medicines, and past visits with what was prescribed and uploaded."""
    people = services.people_of(account())
    if not people:
        return see_other(url_for("beneficiaries.register"))
    wanted, moment = request.args.get("person", ""), now()
    first = next((one for one in people if not is_held(one, moment)), people[0])
    person = services.own(account(), wanted) if wanted else first
    require_readable(person, moment)
    is_opened = person.id in doors.opened(signed_in().row, moment)
    return page(
        "family/visits.html",
        people=people,
        person=person,
        listed=past.visits_of(person, page_number(), is_opened=is_opened),
        now_taken=past.now_taken(person, moment, is_opened=is_opened),
    )
