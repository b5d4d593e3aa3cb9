"""Pages of doctors, desk and medical officers: handing over to e-Sanjeevani, and referrals from outside."""

from flask import flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotAllowed
from portal.base.language import current, show_date
from portal.base.language import gettext as _
from portal.contracts import GatewayError
from portal.core.accounts.here import signed_in
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.referrals import checks
from portal.core.referrals.models import Referral
from portal.core.referrals.services import Choice, StillValid, valid_until
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.pages import page, page_number, see_other

from . import handovers, inbox, places, updates, words
from .models import Handover
from .settings import NAME
from .views import bp

LAUNCH = "esanjeevani_launch"


@bp.get("/visits")
@allow("doctor", "desk")
def visits() -> ResponseReturnValue:
    """Today's open visits that this person may hand over, and what was handed over."""
    staff = _staff()
    done = Handover.select().where(Handover.staff_uid == staff.uid).order_by(Handover.id.desc()).limit(20)
    return page(
        "esanjeevani_bridge/visits.html",
        visits=_open_visits(staff),
        login=handovers.login_of(staff),
        done=list(done),
        states=words.states(),
        chips=words.chips(),
        reasons=handovers.reasons(),
    )


@bp.route("/login", methods=["GET", "POST"])
@allow("doctor", "desk")
def login() -> ResponseReturnValue:
    """One's own sign-in at e-Sanjeevani."""
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
    """The patient agrees, one press, and it goes on there."""
    staff = _staff()
    visit, errors, status = handovers.visit_for(staff, uid), {}, 200
    if request.method == "POST":
        try:
            return see_other(url_for("esanjeevani_bridge.launch", uid=_hand_over(visit, staff).uid))
        except (Invalid, Conflict) as error:
            errors, status = error.fields if isinstance(error, Invalid) else {"": error.message}, error.status
        except GatewayError as error:
            errors, status = {"": str(error)}, 503
    return _handover_page(visit, errors, status)


@bp.get("/handovers/<uid>")
@allow("doctor", "desk")
def launch(uid: str) -> ResponseReturnValue:
    """The way into e-Sanjeevani: the address is shown once, as it signs in whoever opens it."""
    row = handovers.own(_staff(), uid)
    visit = Visit.get(Visit.uid == row.visit_uid)
    context = {"row": row, "visit": visit, "address": session.pop(LAUNCH, "")}
    return page("esanjeevani_bridge/launch.html", reasons=handovers.reasons(), **context)


@bp.post("/handovers/<uid>/open")
@allow("doctor", "desk")
def open_again(uid: str) -> ResponseReturnValue:
    """A fresh address, when the first was not used."""
    row = handovers.own(_staff(), uid)
    try:
        session[LAUNCH] = handovers.open_again(row, _staff(), registry().settings(NAME), by=actor(), now=now())
    except GatewayError as error:
        flash(str(error), "error")
    return see_other(url_for("esanjeevani_bridge.launch", uid=uid))


@bp.get("/referrals")
@allow("medical_officer")
def referrals() -> ResponseReturnValue:
    """Referrals from outside for people of the own centre, to be decided."""
    return _referrals_page({})


@bp.post("/referrals/<uid>/accept")
@allow("medical_officer")
def accept(uid: str) -> ResponseReturnValue:
    """A slip of our own is made of it."""
    choice = Choice(request.form.get("slip", ""), request.form.get("existing", ""))
    try:
        slip = inbox.accept(_staff(), uid, by=actor(), now=now(), choice=choice)
    except Invalid as error:
        return _referrals_page(error.fields, 422)
    except StillValid as error:
        return _referrals_page({"": error.message}, 409)
    flash(
        _("Referral %(number)s is valid until %(day)s.", number=slip.number, day=show_date(slip.valid_until)), "success"
    )
    return see_other(url_for("esanjeevani_bridge.referrals"))


@bp.post("/referrals/<uid>/decline")
@allow("medical_officer")
def decline(uid: str) -> ResponseReturnValue:
    """Nothing follows from it."""
    inbox.close(inbox.of_centre(_staff(), uid), by=actor(), now=now())
    return see_other(url_for("esanjeevani_bridge.referrals"))


def _hand_over(visit: Visit, staff: Staff) -> Handover:
    wish = handovers.Wish(*(request.form.get(name, "") for name in ("reason", "place", "postal_code", "consent")))
    settings, by = registry().settings(NAME), actor()
    row, address = handovers.hand_over(visit, staff, wish, settings, by=by, language=current(), now=now())
    session[LAUNCH] = address
    return row


def _referrals_page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    listed = inbox.waiting_for(_staff(), page_number())
    found = [(row, update) for row in listed.rows if isinstance(update := updates.parse(row.payload), updates.Referral)]
    ids = [update.ben_id for _row, update in found]
    people = {entry.ben_id: entry for entry in RegisterEntry.select().where(RegisterEntry.ben_id.in_(ids))}
    slips = {row.uid: _standing(people[update.ben_id], update) for row, update in found if update.ben_id in people}
    return page(
        "esanjeevani_bridge/referrals.html",
        status=status,
        found=found,
        listed=listed,
        people=people,
        errors=errors,
        slips=slips,
        until=valid_until(now()),
    )


def _standing(entry: RegisterEntry, update: updates.Referral) -> Referral | None:
    """The slip that is still valid, which this referral would extend or replace."""
    specialty = Specialty.get_or_none((Specialty.code == update.specialty) & Specialty.active)
    return checks.standing(entry, specialty, clinic_day(now())) if specialty else None


def _handover_page(visit: Visit, errors: dict[str, str], status: int) -> ResponseReturnValue:
    settings, form = registry().settings(NAME), request.form
    return page(
        "esanjeevani_bridge/handover.html",
        "form",
        status=status,
        visit=visit,
        errors=errors,
        form=form,
        reasons=list(handovers.reasons().items()),
        login=handovers.login_of(_staff()),
        place=form.get("place", settings.place),
        postal_code=form.get("postal_code", settings.postal_code),
        places=places.suggestions(settings.place),
        usual=places.find(settings.place),
        today=clinic_day(now()),
    )


def _open_visits(staff: Staff) -> list[Visit]:
    today = clinic_day(now())
    since_yesterday = (ClinicSession.day < today) & Visit.state.in_(OPEN)
    day = ((ClinicSession.day == today) & Visit.state.in_([*OPEN, "expired"])) | since_yesterday
    own = (
        (ClinicSession.specialty == staff.specialty)
        if staff.role == "doctor"
        else (RegisterEntry.centre == staff.centre)
    )
    rows = Visit.select().join(ClinicSession).switch(Visit).join(Beneficiary).join(RegisterEntry)
    return list(rows.where(day & own).order_by(Visit.id).limit(200))


def _staff() -> Staff:
    staff = signed_in().staff
    if staff is None:
        raise NotAllowed
    return staff
