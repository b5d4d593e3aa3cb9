"""The desk's page on which a mobile is corrected."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.step_up import stepped_up
from portal.core.beneficiaries.mobile_reading import number_of, others_on
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.desk import mobiles
from portal.core.desk.here import desk
from portal.core.desk.mobile_form import read_correction
from portal.core.referrals import people
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other

bp = Blueprint("desk_mobiles", __name__)


@bp.route("/desk/people/<ben_id>/mobile", methods=["GET", "POST"])
@allow("desk")
@stepped_up("desk_mobiles.correct")
@once
def correct(ben_id: str) -> ResponseReturnValue:
    """Correct the mobile of a person who is here with the card; others on the number are asked about."""
    entry = people.of_ben_id(desk(), ben_id)
    if entry is None:
        return see_other(url_for("desk_people.find", q=ben_id))
    others = others_on(entry)
    if request.method == "GET":
        return _form_page(entry, others)
    try:
        wanted = read_correction(request.form, request.form.getlist("moves"), entry, number_of(entry), others)
        mobiles.correct(wanted, desk(), by=actor(), now=now())
    except Invalid as error:
        return _form_page(entry, others, error.status, error.fields)
    except Conflict as error:
        return _form_page(entry, others, error.status, {"": error.message})
    flash(_("The number is corrected. Both numbers get a text; the old one can stop it for 24 hours."), "success")
    return see_other(url_for("desk_people.find", q=entry.ben_id))


def _form_page(
    entry: RegisterEntry, others: list[RegisterEntry], status: int = 200, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    return page(
        "desk/mobile.html",
        status=status,
        errors=errors or {},
        form=request.form,
        ticked=request.form.getlist("moves"),
        entry=entry,
        others=others,
        old=number_of(entry),
        today=clinic_day(now()),
    )
