"""The desk's pages for people without a phone: find, register, take a token, tell that they are here, answer."""

from collections.abc import Callable

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base import typed
from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotAllowed
from portal.base.language import LANGUAGES, current
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.beneficiaries.services import Application
from portal.core.boards.token_form import COMPLAINT_LIMIT, on_offer, read_token_request
from portal.core.clinic import sessions
from portal.core.desk import services
from portal.core.referrals import people
from portal.core.visits import calling
from portal.core.visits import services as visits
from portal.core.visits.helped import BY_TELEPHONE, PRESENT
from portal.core.visits.states import CALLED, OPEN
from portal.web.access import actor, allow
from portal.web.filters import in_language
from portal.web.forms.once import once
from portal.web.pages import page, see_other
from portal.work import audit

bp = Blueprint("at_desk", __name__)


@bp.get("/desk/people")
@allow("desk")
def find() -> ResponseReturnValue:
    """Find people of the centre (audited), with the next step for each."""
    text = request.args.get("q", "").strip()
    found = people.find_people(_desk(), text) if text else people.NOBODY
    if text:
        audit.note("PeopleSearched", str(_desk().centre_id), by=actor(), now=now(), found=len(found.people))
    known = services.registered(found.people)
    return page("desk/people.html", query=text, found=found, known=known, today=clinic_day(now()))


@bp.route("/desk/people/new", methods=["GET", "POST"])
@allow("desk")
def register() -> ResponseReturnValue:
    """Register a person of the centre's register who is here with the card."""
    ben_id = request.values.get("ben_id", "")
    entry = people.of_ben_id(_desk(), ben_id)
    if entry is None:
        return see_other(url_for("at_desk.find", q=ben_id))
    form, errors = request.form, {}
    if request.method == "POST":
        born = typed.boxes_of(form, "date_of_birth")
        address, language, consent = (form.get(key, "") for key in ("address", "language", "consent"))
        wanted = Application(ben_id, born, address, language, consent)
        try:
            is_seen = form.get("card_seen") == "yes"
            person = services.register_present(entry, wanted, is_card_seen=is_seen, by=actor(), now=now())
            flash(_("%(name)s is registered.", name=in_language(entry)), "success")
            return see_other(url_for("at_desk.token", person=person.uid))
        except Invalid as error:
            errors = error.fields
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


@bp.route("/desk/tokens/new", methods=["GET", "POST"])
@allow("desk")
@once
def token() -> ResponseReturnValue:
    """Take a token for a registered person of the centre."""
    person = services.person_of(_desk(), request.values.get("person", ""))
    if request.method == "GET":
        return _token_page(person)
    try:
        wanted = read_token_request(person.account, request.form.to_dict() | {"beneficiary": person.uid})
        way = request.form.get("way", "")
        visit = services.take_token(wanted, _desk(), way, by=actor(), language=current(), now=now())
    except Invalid as error:
        return _token_page(person, error.status, error.fields)
    except Conflict as error:
        return _token_page(person, error.status, {"": error.message})
    flash(_("%(name)s has token %(token)s.", name=in_language(person.entry), token=visit.token), "success")
    return see_other(url_for("at_desk.tokens"))


@bp.get("/desk/tokens")
@allow("desk")
def tokens() -> ResponseReturnValue:
    """List today's tokens with which this desk helps, who is called first."""
    moment = now()
    rows = sorted(services.helped_today(_desk(), moment), key=lambda row: (row.state != CALLED, row.state not in OPEN))
    return page("desk/tokens.html", "list", rows=rows, moment=moment, ways=_ways(), open_states=OPEN)


@bp.post("/desk/tokens/<uid>/here")
@allow("desk")
def here(uid: str) -> ResponseReturnValue:
    """Say that the person is still here, or waits at the telephone."""
    return _step(uid, visits.mark_here, _("Noted: the person is here."))


@bp.post("/desk/tokens/<uid>/call")
@allow("desk")
def answer(uid: str) -> ResponseReturnValue:
    """Answer the doctor's call for the person; the doctor phones."""
    return _step(uid, calling.accept_call, _("The doctor is told, and phones now."))


def _step(uid: str, step: Callable[..., None], said: str) -> ResponseReturnValue:
    visit = services.visit_of(_desk(), uid)
    try:
        step(visit, by=actor(), now=now())
        flash(said, "success")
    except Conflict as error:
        flash(error.message, "warn")
    return see_other(url_for("at_desk.tokens"))


def _token_page(person: Beneficiary, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return page(
        "desk/token.html",
        status=status,
        errors=errors or {},
        form=request.form,
        person=person,
        today=clinic_day(now()),
        specialties=[(row.code, in_language(row)) for row in on_offer()],
        closed=sessions.window(None, now()),
        ways=list(_ways().items()),
        complaint_limit=COMPLAINT_LIMIT,
    )


def _ways() -> dict[str, str]:
    return {PRESENT: _("Here at the centre"), BY_TELEPHONE: _("At home, by the telephone")}


def _desk() -> Staff:
    """Return who is signed in. Raises NotAllowed for one without a centre."""
    found = staff()
    if found.centre is None:
        raise NotAllowed
    return found
