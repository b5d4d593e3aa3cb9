"""The desk's pages of tokens for people without a phone: take one, keep the person present, answer the call."""

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.accounts.here import me
from portal.core.beneficiaries.models import Beneficiary
from portal.core.boards.token_form import COMPLAINT_LIMIT, on_offer, read_token_request
from portal.core.clinic import sessions
from portal.core.desk import tokens, words
from portal.core.desk.here import desk
from portal.core.desk.people import person_of
from portal.core.desk.ways_in import said_of
from portal.core.visits.models import Visit
from portal.core.visits.services import LiveToken
from portal.core.visits.states import CALLED, OPEN
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other

bp = Blueprint("desk_tokens", __name__)


@bp.app_context_processor
def of_every_page() -> dict[str, Callable[[], list[Visit] | None]]:
    """Add the bar of ringing calls to the desk's pages, made when a page asks for it."""
    return {"desk_calls": _ringing_on_page}


@bp.get("/desk/calls")
@allow("desk")
def ringing() -> ResponseReturnValue:
    """Answer the bar's poll: whom the doctor calls, or none and no further poll."""
    found = tokens.ringing_for(desk(), now())
    return "" if found is None else render_template("desk/_calls.html", ringing=found)


@bp.get("/desk/tokens")
@allow("desk")
def index() -> ResponseReturnValue:
    """List today's tokens with which this desk helps: who is called first, what is over last."""
    moment = now()
    rows = sorted(tokens.helped_today(desk(), moment), key=lambda row: (row.state != CALLED, row.state not in OPEN))
    return page("desk/tokens.html", "list", rows=rows, moment=moment, ways=tokens.ways(), open_states=OPEN)


@bp.route("/desk/tokens/new", methods=["GET", "POST"])
@allow("desk")
@once
def new() -> ResponseReturnValue:
    """Take a token for a registered person of the centre."""
    person = person_of(desk(), request.values.get("person", ""))
    if request.method == "GET":
        return _form_page(person)
    way = request.form.get("way", "")
    unsaid = {} if way in tokens.ways() else {"way": _("Say where the person waits.")}
    try:
        wanted = read_token_request(person.account, request.form.to_dict() | {"beneficiary": person.uid}, unsaid)
        visit = tokens.take_token(wanted, desk(), way, by=actor(), language=current(), now=now())
    except Invalid as error:
        return _form_page(person, error.status, words.of_token(error.fields))
    except LiveToken as error:
        return _form_page(person, error.status, {"": error.message}, taken=tokens.helped_with(desk(), error.visit))
    except Conflict as error:
        return _form_page(person, error.status, {"": error.message})
    flash(_("%(name)s has token %(token)s.", name=in_language(person.entry), token=visit.token), "success")
    return see_other(url_for("desk_tokens.index"))


@bp.post("/desk/tokens/<uid>/here")
@allow("desk")
def here(uid: str) -> ResponseReturnValue:
    """Say that the person is still here, or waits at the telephone."""
    return _step(uid, tokens.still_here, _("Noted: the person is here."))


@bp.post("/desk/tokens/<uid>/call")
@allow("desk")
def answer(uid: str) -> ResponseReturnValue:
    """Answer the doctor's call for the person; the doctor phones."""
    return _step(uid, tokens.answer_call, _("The doctor is told, and phones now."))


def _ringing_on_page() -> list[Visit] | None:
    """Return who is called; the page of tokens says it itself."""
    person = me()
    is_desk = person is not None and person.staff is not None and person.staff.centre is not None
    return tokens.ringing_for(desk(), now()) if is_desk and request.path != url_for("desk_tokens.index") else None


def _step(uid: str, step: Callable[..., None], said: str) -> ResponseReturnValue:
    try:
        step(desk(), uid, by=actor(), now=now())
        flash(said, "success")
    except Conflict as error:
        flash(error.message, "warn")
    return see_other(url_for("desk_tokens.index"))


def _form_page(
    person: Beneficiary, status: int = 200, errors: dict[str, str] | None = None, taken: Visit | None = None
) -> ResponseReturnValue:
    """Build the form; `taken`: the token of this desk that the person has already."""
    offered, today = on_offer(), clinic_day(now())
    said = said_of(person, offered, today)
    return page(
        "desk/token.html",
        status=status,
        taken=taken,
        errors=errors or {},
        form=request.form,
        person=person,
        today=today,
        specialties=[(row.code, in_language(row), said[row.code]) for row in offered],
        closed=sessions.window(None, now()),
        ways=list(tokens.ways().items()),
        complaint_limit=COMPLAINT_LIMIT,
    )
