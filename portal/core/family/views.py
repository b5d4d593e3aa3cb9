"""My medicines on the page of a visit, and the visits, medicines and uploads of one person at a time."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries import services
from portal.core.family import medicines, past
from portal.core.family.medicines import Sheet
from portal.core.privacy import doors
from portal.core.visits.models import Visit
from portal.web.access import allow
from portal.web.pages import page, page_number, see_other

bp = Blueprint("family", __name__)


@bp.app_template_global()
def medicines_of(visit: Visit) -> Sheet | None:
    """Give the page of a visit its medicines, as the rooms of visits know no prescriptions."""
    return medicines.sheet_of(visit, now())


@bp.get("/my/visits")
@allow("beneficiary")
def visits() -> ResponseReturnValue:
    """Show one person's present medicines, and past visits with what was prescribed and uploaded."""
    people = services.people_of(account())
    if not people:
        return see_other(url_for("beneficiaries.register"))
    wanted = request.args.get("person", "")
    person = services.own(account(), wanted) if wanted else people[0]
    moment = now()
    is_opened = person.id in doors.opened(signed_in().row, moment)
    return page(
        "family/visits.html",
        people=people,
        person=person,
        listed=past.visits_of(person, page_number(), is_opened=is_opened),
        now_taken=past.now_taken(person, moment, is_opened=is_opened),
    )
