"""The desk's pages of tokens for people without a phone: take one, keep the person present, answer the call."""

from collections.abc import Callable

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.beneficiaries.models import Beneficiary
from portal.core.boards.token_form import COMPLAINT_LIMIT, on_offer, read_token_request
from portal.core.clinic import sessions
from portal.core.desk import tokens
from portal.core.desk.here import desk
from portal.core.desk.people import person_of
from portal.core.visits.states import CALLED, OPEN
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other

bp = Blueprint("desk_tokens", __name__)


@bp.get("/desk/tokens")
@allow("desk")
def index() -> ResponseReturnValue:
    """List today's tokens with which this desk helps: who is called first, what is over last."""
    moment = now()
    rows = sorted(tokens.helped_today(desk(), moment), key=lambda row: (row.state != CALLED, row.state not in OPEN))
    return page("desk/tokens.html", "list", rows=rows, moment=moment, ways=tokens.ways())


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
        return _form_page(person, error.status, error.fields)
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


def _step(uid: str, step: Callable[..., None], said: str) -> ResponseReturnValue:
    try:
        step(desk(), uid, by=actor(), now=now())
        flash(said, "success")
    except Conflict as error:
        flash(error.message, "warn")
    return see_other(url_for("desk_tokens.index"))


def _form_page(person: Beneficiary, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return page(
        "desk/token.html",
        status=status,
        errors=errors or {},
        form=request.form,
        person=person,
        today=clinic_day(now()),
        specialties=[(row.code, in_language(row)) for row in on_offer()],
        closed=sessions.window(None, now()),
        ways=list(tokens.ways().items()),
        complaint_limit=COMPLAINT_LIMIT,
    )
