"""The family's home: its people and their referrals, the live token, past visits."""

from flask import Blueprint, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.core.accounts.here import account, signed_in
from portal.core.accounts.opening import not_open_yet
from portal.core.beneficiaries import services
from portal.core.beneficiaries.holds import is_held
from portal.core.boards import home
from portal.core.calls.bar import rings_for
from portal.core.privacy import doors
from portal.core.referring.family import news_of, standing_in_family
from portal.core.referring.follow_ups import coming
from portal.web.access import allow
from portal.web.pages import page, page_number, see_other

bp = Blueprint("home", __name__)


@bp.get("/home")
@allow("beneficiary")
def family() -> ResponseReturnValue:
    """Show family, referrals, live token, past visits and prescriptions; right after a sign-in, the call that rings."""
    people = services.people_of(account())
    if not people:
        return see_other(url_for("beneficiaries.register"))
    moment = now()
    if session.pop("fresh", False) and (ringing := rings_for(account(), moment)):
        return see_other(url_for("visits.show", uid=ringing.uid))
    opened = doors.opened(signed_in().row, moment)
    return page(
        "beneficiaries/home.html",
        people=people,
        held=[person for person in people if is_held(person, moment)],
        today=clinic_day(moment),
        follow_ups=coming(account(), clinic_day(moment), opened),
        asked=news_of(account(), opened, moment),
        referrals=standing_in_family(account(), clinic_day(moment), opened),
        listed=home.visits_of(account(), moment, page_number(), opened),
        not_open=not_open_yet(),
    )
