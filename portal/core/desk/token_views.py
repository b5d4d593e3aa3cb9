"""The desk's pages of tokens for people without a phone: take one, keep the person present."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.beneficiaries.models import Beneficiary
from portal.core.boards.token_form import COMPLAINT_LIMIT, offers_today, on_offer, read_token_request
from portal.core.desk import tokens, words
from portal.core.desk.here import desk
from portal.core.desk.people import person_of
from portal.core.desk.ways_in import said_of
from portal.core.visits.models import Visit
from portal.core.visits.services import LiveToken
from portal.core.visits.states import CALLED, OPEN
from portal.plugin_host.capabilities import gaps
from portal.plugin_host.registry import registry
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
    has_video = gaps(registry()).has_video
    return page(
        "desk/tokens.html",
        "list",
        rows=rows,
        moment=moment,
        ways=tokens.ways(),
        open_states=OPEN,
        has_video=has_video,
    )


@bp.route("/desk/tokens/new", methods=["GET", "POST"])
@allow("desk")
@once
def new() -> ResponseReturnValue:
    """Take a token for a registered person of the centre."""
    person = person_of(desk(), request.values.get("person", ""))
    if request.method == "GET":
        taken = tokens.taken_by(person, now())
        return _taken_page(person, taken) if taken else _form_page(person)
    way = request.form.get("way", "")
    unsaid = {} if way in tokens.ways() else {"way": _("Say where the person waits.")}
    try:
        wanted = read_token_request(person.account, request.form.to_dict() | {"beneficiary": person.uid}, unsaid)
        visit = tokens.take_token(wanted, desk(), way, by=actor(), language=current(), now=now())
    except Invalid as error:
        return _form_page(person, error.status, words.of_token(error.fields))
    except LiveToken as error:
        return _taken_page(person, error.visit, error.status, {"": error.message})
    except Conflict as error:
        return _form_page(person, error.status, {"": error.message})
    flash(_("%(name)s has token %(token)s.", name=in_language(person.entry), token=visit.token), "success")
    return see_other(url_for("desk_tokens.index"))


@bp.post("/desk/tokens/<uid>/here")
@allow("desk")
def here(uid: str) -> ResponseReturnValue:
    """Say that the person is still here, or waits at the telephone."""
    try:
        tokens.still_here(desk(), uid, by=actor(), now=now())
        flash(_("Noted: the person is here."), "success")
    except Conflict as error:
        flash(error.message, "warn")
    return see_other(url_for("desk_tokens.index"))


@bp.post("/desk/tokens/help")
@allow("desk")
def take_over() -> ResponseReturnValue:
    """Help with a token that a person of the centre took alone, and who is here now with the card."""
    person = person_of(desk(), request.form.get("person", ""))
    try:
        visit = tokens.help_with(
            person, desk(), is_card_seen=request.form.get("card_seen") == "yes", by=actor(), now=now()
        )
    except Invalid as error:
        return _taken_page(person, tokens.taken_by(person, now()), error.status, error.fields)
    except Conflict as error:
        return _form_page(person, error.status, {"": error.message})
    flash(_("%(name)s has token %(token)s.", name=in_language(person.entry), token=visit.token), "success")
    return see_other(url_for("desk_tokens.index"))


def _taken_page(
    person: Beneficiary, visit: Visit | None, status: int = 200, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    """Build the page of somebody who has a token: the desk helps with it, or may."""
    return page(
        "desk/taken.html",
        status=status,
        form=request.form,
        errors=errors or {},
        person=person,
        visit=visit,
        helped=tokens.helped_with(desk(), visit) if visit else None,
        is_today=visit is not None and visit == tokens.taken_by(person, now()),
    )


def _form_page(person: Beneficiary, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    offered, today = on_offer(), clinic_day(now())
    said = said_of(person, offered, today)
    specialties, closed = offers_today(offered, said, now(), request.form.get("specialty", ""))
    return page(
        "desk/token.html",
        status=status,
        errors=errors or {},
        form=request.form,
        person=person,
        today=today,
        specialties=specialties,
        closed=closed,
        ways=list(tokens.ways().items()),
        complaint_limit=COMPLAINT_LIMIT,
    )
