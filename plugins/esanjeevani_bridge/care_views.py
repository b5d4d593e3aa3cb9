"""Pages of doctors, desk and medical officers: hand-over to e-Sanjeevani, and referrals from outside."""

from flask import flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.api import clinic, plugin
from portal.api.base import Conflict, Invalid, current_language, show_date
from portal.api.base import gettext as _
from portal.api.clinic import StaffMember, Visit
from portal.api.clock import clinic_day, now
from portal.api.referrals import Choice, Referral, StillValid, standing, valid_until
from portal.api.web import actor, allow, page, page_number, see_other, signed_in
from portal.contracts import GatewayError

from . import handovers, inbox, places, words
from .fhir import updates
from .models import Handover
from .settings import NAME, Settings
from .views import bp

LAUNCH = "esanjeevani_launch"


@bp.get("/visits")
@allow("doctor", "desk")
def visits() -> ResponseReturnValue:
    """List today's open visits that this person may hand over, and past hand-overs."""
    staff = _staff()
    done = Handover.select().where(Handover.staff_uid == staff.uid).order_by(Handover.id.desc()).limit(20)
    return page(
        "esanjeevani_bridge/visits.html",
        visits=clinic.open_visits(staff, day=clinic_day(now())),
        login=handovers.login_of(staff),
        done=list(done),
        states=words.states(),
        chips=words.chips(),
        reasons=handovers.reasons(),
    )


@bp.route("/login", methods=["GET", "POST"])
@allow("doctor", "desk")
def login() -> ResponseReturnValue:
    """Edit one's own credentials at e-Sanjeevani."""
    form, errors = request.form, {}
    if request.method == "POST":
        try:
            typed = (form.get("username", ""), form.get("password", ""))
            handovers.keep_login(_staff(), *typed, by=actor(), now=now())
            flash(_("Your sign-in at e-Sanjeevani is kept."), "success")
            return see_other(url_for("esanjeevani_bridge.visits"))
        except Invalid as error:
            errors = error.fields
    status = 422 if errors else 200
    known = handovers.login_of(_staff())
    return page("esanjeevani_bridge/login.html", "form", status=status, form=form, errors=errors, known=known)


@bp.route("/visits/<uid>/handover", methods=["GET", "POST"])
@allow("doctor", "desk")
def handover(uid: str) -> ResponseReturnValue:
    """Record the patient's consent and hand over."""
    staff = _staff()
    visit, errors, status = clinic.visit_of_staff(uid, staff), {}, 200
    if request.method == "POST":
        try:
            return see_other(url_for("esanjeevani_bridge.launch", uid=_hand_over(visit, staff).uid))
        except (Invalid, Conflict) as error:
            errors, status = error.fields if isinstance(error, Invalid) else {"": error.message}, error.status
        except GatewayError as error:
            errors, status = {"": str(error)}, 503
    return _handover_page(visit, staff, errors, status)


@bp.get("/handovers/<uid>")
@allow("doctor", "desk")
def launch(uid: str) -> ResponseReturnValue:
    """Show the launch URL, once, as it signs in whoever opens it."""
    row = handovers.own(_staff(), uid)
    context = {"row": row, "visit": clinic.visit(row.visit_uid), "address": session.pop(LAUNCH, "")}
    return page("esanjeevani_bridge/launch.html", reasons=handovers.reasons(), **context)


@bp.post("/handovers/<uid>/open")
@allow("doctor", "desk")
def open_again(uid: str) -> ResponseReturnValue:
    """Request a new launch URL, when the first was not used."""
    staff = _staff()
    row = handovers.own(staff, uid)
    try:
        session[LAUNCH] = handovers.open_again(row, staff, plugin.settings(NAME, Settings), by=actor(), now=now())
    except GatewayError as error:
        flash(str(error), "error")
    return see_other(url_for("esanjeevani_bridge.launch", uid=uid))


@bp.get("/referrals")
@allow("medical_officer")
def referrals() -> ResponseReturnValue:
    """List the referrals from outside for people of the own centre."""
    return _referrals_page({})


@bp.post("/referrals/<uid>/accept")
@allow("medical_officer")
def accept(uid: str) -> ResponseReturnValue:
    """Accept: create a referral of our own."""
    choice = Choice(request.form.get("slip", ""), request.form.get("existing", ""))
    try:
        referral = inbox.accept(_staff(), uid, by=actor(), now=now(), choice=choice)
    except Invalid as error:
        return _referrals_page(error.fields, 422)
    except StillValid as error:
        return _referrals_page({"": error.message}, 409)
    said = _("Referral %(number)s is valid until %(day)s.", number=referral.number, day=show_date(referral.valid_until))
    flash(said, "success")
    return see_other(url_for("esanjeevani_bridge.referrals"))


@bp.post("/referrals/<uid>/decline")
@allow("medical_officer")
def decline(uid: str) -> ResponseReturnValue:
    """Decline: nothing follows from it."""
    inbox.close(inbox.of_centre(_staff(), uid), by=actor(), now=now())
    return see_other(url_for("esanjeevani_bridge.referrals"))


def _hand_over(visit: Visit, staff: StaffMember) -> Handover:
    wish = handovers.HandoverForm(
        *(request.form.get(name, "") for name in ("reason", "place", "postal_code", "consent"))
    )
    settings, by = plugin.settings(NAME, Settings), actor()
    row, address = handovers.hand_over(visit, staff, wish, settings, by=by, language=current_language(), now=now())
    session[LAUNCH] = address
    return row


def _referrals_page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    listed = inbox.waiting_for(_staff(), page_number())
    found = [(row, update) for row in listed.rows if isinstance(update := updates.parse(row.payload), updates.Referral)]
    people = clinic.people(update.ben_id for _row, update in found)
    valid = {row.uid: _standing(update) for row, update in found if update.ben_id in people}
    return page(
        "esanjeevani_bridge/referrals.html",
        status=status,
        found=found,
        listed=listed,
        people=people,
        errors=errors,
        valid_referrals=valid,
        until=valid_until(now()),
    )


def _standing(update: updates.Referral) -> Referral | None:
    """Return the valid referral that this one would extend or replace."""
    return standing(update.ben_id, update.specialty, day=clinic_day(now()))


def _handover_page(visit: Visit, staff: StaffMember, errors: dict[str, str], status: int) -> ResponseReturnValue:
    settings, form = plugin.settings(NAME, Settings), request.form
    return page(
        "esanjeevani_bridge/handover.html",
        "form",
        status=status,
        visit=visit,
        errors=errors,
        form=form,
        reasons=list(handovers.reasons().items()),
        login=handovers.login_of(staff),
        place=form.get("place", settings.place),
        postal_code=form.get("postal_code", settings.postal_code),
        places=places.suggestions(settings.place),
        usual=places.find(settings.place),
        today=clinic_day(now()),
    )


def _staff() -> StaffMember:
    return clinic.staff_member(signed_in().uid)
