"""The page on which the old number reads that somebody moved to another mobile, and stops it."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.beneficiaries import mobile_reading
from portal.core.beneficiaries.mobile_changes import stop_correction
from portal.core.beneficiaries.models import MobileChange
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("mobiles", __name__)


@bp.app_template_global()
def mobile_changes_to_stop() -> list[MobileChange]:
    """Give the family's first pages what the desk changed on this number in the last day."""
    return mobile_reading.to_stop(account(), now())


@bp.get("/my/mobile/<uid>")
@allow("beneficiary")
def change(uid: str) -> ResponseReturnValue:
    """Show what was changed, where and when, and the button that stops it."""
    found = mobile_reading.change_of(account(), uid)
    people = [row.entry for row in mobile_reading.together(found)]
    may_stop = found.stopped_at is None and now() < found.ends_at
    return page("beneficiaries/mobile.html", change=found, people=people, may_stop=may_stop)


@bp.post("/my/mobile/<uid>/stop")
@allow("beneficiary")
def stop(uid: str) -> ResponseReturnValue:
    """Stop the correction ("this was not me")."""
    try:
        stop_correction(account(), uid, by=actor(), now=now())
        flash(_("It is stopped: this number is as it was before, and both numbers get a text."), "success")
    except Conflict as error:
        flash(error.message, "warn")
    return see_other(url_for("mobiles.change", uid=uid))
