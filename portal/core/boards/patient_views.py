"""The patient's pages: the token request, the live page, its buttons."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import peewee
from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotFound, TooBig, Unavailable, WrongKind
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.accounts.here import account, signed_in
from portal.core.accounts.models import Account
from portal.core.accounts.sign_ins import SignedIn
from portal.core.beneficiaries.holds import require_readable
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.beneficiaries.services import give_consent, people_of
from portal.core.boards import patient_status
from portal.core.boards.patient_panel import turn_context, turn_of
from portal.core.boards.token_form import (
    COMPLAINT_LIMIT,
    Refused,
    offers_today,
    on_offer,
    preselected,
    read_token_request,
    require_plugins_agree,
    without_a_way,
)
from portal.core.boards.words import state_words
from portal.core.calls import rooms
from portal.core.calls.helping import helpers_of
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.privacy import doors, offers
from portal.core.records import held, reading
from portal.core.records import services as records
from portal.core.records.held import NOTHING, Basket
from portal.core.records.uploads import limits
from portal.core.referrals.checks import gate
from portal.core.referring.family import permissions, standing_in_family
from portal.core.referring.follow_ups import coming
from portal.core.referring.lines import ComingFollowUp, ReferralLine
from portal.core.visits import calling, feedback, services
from portal.core.visits.models import Visit
from portal.core.visits.states import FINAL
from portal.plugin_host.registry import registry
from portal.store.db import write
from portal.store.prepared import Prepared
from portal.web import tickets
from portal.web.access import actor, allow, is_background, only_visit, to_sign_in
from portal.web.forms.once import is_spent, once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import is_fragment_request, json_answer, page, see_other, wants_json

bp = Blueprint("visits", __name__)
PREFILLED = ("beneficiary", "specialty")  # by a link; a consent is never ticked by one


@bp.app_context_processor
def words() -> dict[str, Any]:
    """Add the words for states to every page."""
    return {"state_words": state_words()}


@bp.route("/tokens/new", methods=["GET", "POST"])
@takes_files
@allow("beneficiary")
def new() -> ResponseReturnValue:
    """Request a token. Files are stored before the transaction, so that a slow disk holds no lock."""
    if request.method == "GET":
        return _form_page(200, {})
    if is_spent():
        return _asked(files=NOTHING)
    try:
        files = held.take_in(account(), request.files.getlist("records"), request.form.getlist("held"), now=now())
    except Unavailable as error:
        return _form_page(error.status, {"records": error.message}, retry_after=error.retry_after)
    return _asked(files=files)


@once
def _asked(files: Basket) -> ResponseReturnValue:
    try:
        visit = _ask(now(), files)
    except Invalid as error:
        return _form_page(error.status, error.fields | files.problems, files)
    except (TooBig, WrongKind) as error:
        return _form_page(error.status, files.problems, files)
    except Conflict as error:
        return _form_page(error.status, {"": error.message}, files, conflict=error)
    return see_other(url_for("visits.show", uid=visit.uid))


def _ask(moment: datetime, files: Basket) -> Visit:
    """Validate everything before a token number is drawn, then write in one transaction."""
    wanted = read_token_request(account(), request.form)
    files.insist()
    already = services.live_visit(wanted.beneficiary)
    if already is not None:
        raise services.LiveToken(already)
    way_in = gate(wanted.beneficiary.entry, wanted.specialty, moment)
    require_plugins_agree(wanted, way_in, moment)
    by, is_first = actor(), offers.is_first(wanted.beneficiary, wanted.specialty, moment)
    with write():
        visit = services.request_token(
            wanted.beneficiary, wanted.specialty, wanted.complaint, gate=way_in, by=by, now=moment
        )
        give_consent(wanted.beneficiary, "consultation", by=by, language=current(), now=moment)
        records.attach(visit, files, by=by, now=moment)
        if is_first:
            offers.offer(wanted.beneficiary, signed_in().row, now=moment)
    return visit


def _form_page(
    status: int,
    errors: dict[str, str],
    files: Basket = NOTHING,
    conflict: Conflict | None = None,
    retry_after: int | None = None,
) -> ResponseReturnValue:
    """Show the form; redirect to the registration if the account has nobody registered yet."""
    people, offered, moment = people_of(account()), on_offer(), now()
    if not people:
        return see_other(url_for("beneficiaries.register"))
    day = clinic_day(moment)
    opened = doors.opened(signed_in().row, moment)
    referrals = standing_in_family(account(), day, opened)
    ways: list[ReferralLine | ComingFollowUp] = [*referrals, *coming(account(), day, opened)]
    who = permissions(people, ways, offered, day)
    asked = {name: request.args[name] for name in PREFILLED if name in request.args}
    form = request.form or preselected(people, ways, day) | asked
    specialties, closed = offers_today(offered, who, moment, form.get("specialty", ""))
    response = page(
        "visits/new.html",
        status=status,
        errors=errors,
        form=form,
        lacking=without_a_way(people, ways, day),
        live_visit=getattr(conflict, "visit", None),
        onward=conflict if isinstance(conflict, Refused) else None,
        held=files.held,
        people=[(person.uid, in_language(person.entry), person.patient_id) for person in people],
        specialties=specialties,
        closed=closed,
        complaint_limit=COMPLAINT_LIMIT,
        **limits(),
    )
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


@bp.get("/visits/<uid>")
@allow("beneficiary", within="visit")
def show(uid: str) -> ResponseReturnValue:
    """Show the patient's live page, or the status as JSON."""
    visit, moment = _own_visit(account(), uid), now()
    if visit.state in FINAL and only_visit():
        return to_sign_in()
    services.touch_presence(visit, moment)
    if wants_json():
        is_opened = doors.has_opened(visit, signed_in().row, moment)
        return json_answer(patient_status.status(visit, moment, is_opened=is_opened))
    if not (is_fragment_request() or is_background()):
        calling.lengthen_once(visit, by=actor(), now=moment)
    return _visit_page(visit, moment)


@bp.post("/visits/<uid>/here")
@allow("beneficiary", within="visit")
def here(uid: str) -> ResponseReturnValue:
    """Mark the patient as present ("I am here")."""
    return _patient_step(uid, services.mark_here, url_for("visits.show", uid=uid))


@bp.post("/visits/<uid>/call")
@allow("beneficiary", within="visit")
def call(uid: str) -> ResponseReturnValue:
    """Accept the call and redirect to the room."""
    return _patient_step(uid, calling.accept_call, f"/visits/{uid}/room")


@bp.post("/visits/<uid>/more-time")
@allow("beneficiary", within="visit")
def longer(uid: str) -> ResponseReturnValue:
    """Extend the deadline of the call."""
    return _patient_step(uid, calling.give_more_time, url_for("visits.show", uid=uid))


@bp.post("/visits/<uid>/feedback")
@allow("beneficiary")
def say(uid: str) -> ResponseReturnValue:
    """Store the patient's feedback on a completed visit."""
    visit, moment, form = _own_visit(account(), uid), now(), request.form
    try:
        feedback.give(visit, form.get("rating", ""), form.get("text", ""), by=actor(), now=moment)
    except Invalid as error:
        return _visit_page(visit, moment, status=error.status, errors=error.fields)
    except Conflict as error:
        return _visit_page(visit, moment, status=error.status, message=error.message)
    flash(_("Thank you. What you say helps us to do better."), "success")
    return see_other(url_for("visits.show", uid=uid))


@bp.post("/visits/<uid>/cancel")
@allow("beneficiary", within="visit")
def cancel(uid: str) -> ResponseReturnValue:
    """Cancel the visit."""
    return _patient_step(uid, services.cancel, url_for("visits.show", uid=uid))


def _patient_step(uid: str, step: Callable[..., None], onward: str) -> ResponseReturnValue:
    """Take a step of the patient's own visit; on a conflict show the current page."""
    visit, moment = _own_visit(account(), uid), now()
    try:
        step(visit, by=actor(), now=moment)
    except Conflict as error:
        if wants_json() or is_fragment_request():
            raise
        return _visit_page(_own_visit(account(), uid), moment, status=error.status, message=error.message)
    return see_other(onward)


def _visit_page(
    visit: Visit, moment: datetime, status: int = 200, message: str = "", errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    if visit.state in FINAL:
        require_readable(visit.beneficiary, moment)
    context = _turn_context(visit, signed_in(), moment)
    offered = rooms.actions_of(registry(), visit, "beneficiary")
    said = {
        "pin_offer": offers.offer_of(visit, signed_in().row, moment),
        "ratings": list(feedback.words().items()),
        "said": feedback.of(visit),
        "may_say": feedback.may_give(visit, moment),
        "text_limit": feedback.TEXT_LIMIT,
        "of_records": reading.overview_of(visit),
        "helpers": helpers_of([visit]).get(visit.id, []) if visit.state in FINAL else [],
    }
    return page(
        "visits/show.html",
        status=status,
        message=message,
        actions=offered,
        errors=errors,
        form=request.form,
        **said,
        **context,
    )


def _turn_context(visit: Visit, person: SignedIn, moment: datetime) -> dict[str, Any]:
    turn = turn_of(visit, moment, is_opened=doors.has_opened(visit, person.row, moment))
    return turn_context(turn, tickets.issue("visit", visit.uid, person), moment)


@tickets.shows("visit")
def live_visit(uid: str, person: SignedIn, moment: datetime) -> tickets.Fragment:
    """Answer a poll of the patient's page, and touch the patient's presence."""
    if person.account is None:
        raise NotFound
    visit = _own_visit(person.account, uid)
    services.touch_presence(visit, moment)
    context = _turn_context(visit, person, moment)
    return tickets.Fragment(
        context["etag"],
        html=lambda: render_block("visits/show.html", "live", **context),
        json=lambda: context["facts"],
    )


@Prepared
def _visit_of(uid: object, account: object) -> peewee.Select:
    return (
        Visit.select(Visit, ClinicSession, Specialty, Beneficiary, RegisterEntry)
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where((Visit.uid == uid) & (Beneficiary.account == account))
    )


def _own_visit(account: Account, uid: str) -> Visit:
    """Find a visit of this account. Raises NotFound for anybody else's."""
    found: Visit | None = _visit_of.first(uid, account)
    if found is None:
        raise NotFound
    return found
