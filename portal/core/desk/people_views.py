"""The desk's pages to find somebody of the centre and register who is there with the card."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base import typed
from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import LANGUAGES, current, in_language
from portal.base.language import gettext as _
from portal.core.beneficiaries.mobile_reading import stopped_lately
from portal.core.beneficiaries.services import Application
from portal.core.desk import words
from portal.core.desk.here import desk
from portal.core.desk.people import register_present, registered
from portal.core.referrals import people
from portal.web.access import actor, allow
from portal.web.pages import page, see_other
from portal.work import audit

bp = Blueprint("desk_people", __name__)


@bp.get("/desk/people")
@allow("desk")
def find() -> ResponseReturnValue:
    """Find people of the centre (audited), with the next step for each."""
    text = request.args.get("q", "").strip()
    found = people.find_people(desk(), text) if text else people.NOBODY
    if text:
        audit.note("PeopleSearched", str(desk().centre_id), by=actor(), now=now(), found=len(found.people))
    known = registered(found.people)
    stopped = stopped_lately(found.people, now())
    today = clinic_day(now())
    return page("desk/people.html", query=text, found=found, known=known, stopped=stopped, today=today)


@bp.route("/desk/people/new", methods=["GET", "POST"])
@allow("desk")
def new() -> ResponseReturnValue:
    """Register a person of the centre's register who is here with the card."""
    ben_id = request.values.get("ben_id", "")
    entry = people.of_ben_id(desk(), ben_id)
    if entry is None:
        return see_other(url_for("desk_people.find", q=ben_id))
    form, errors = request.form, {}
    if request.method == "POST":
        born = typed.boxes_of(form, "date_of_birth")
        address, language, consent = (form.get(key, "") for key in ("address", "language", "consent"))
        wanted = Application(ben_id, born, address, language, consent)
        is_seen = form.get("card_seen") == "yes"
        try:
            person = register_present(entry, wanted, is_card_seen=is_seen, by=actor(), now=now())
            flash(_("%(name)s is registered.", name=in_language(entry)), "success")
            return see_other(url_for("desk_tokens.new", person=person.uid))
        except Invalid as error:
            errors = words.of_registration(error.fields)
        except Conflict as error:
            errors = {"": error.message}
    return page(
        "desk/register.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        entry=entry,
        today=clinic_day(now()),
        languages=list(LANGUAGES.items()),
        language=form.get("language", current()),
        born=typed.shown_in_boxes(form, "date_of_birth"),
    )
