"""Requests for a referral: the family asks and reads the answer, the medical officer answers."""

from collections.abc import Mapping

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, TooBig, TooMany, Unavailable, WrongKind
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries.services import people_of
from portal.core.clinic.models import Specialty
from portal.core.privacy import doors
from portal.core.records import held, reading
from portal.core.records import services as records
from portal.core.records.held import NOTHING, Basket
from portal.core.records.uploads import limits
from portal.core.referrals import requests, services
from portal.core.referrals.models import ReferralRequest
from portal.core.referring import family
from portal.core.referring.officer_views import bp, require_officer
from portal.store.db import write
from portal.store.listing import page_of
from portal.web.access import actor, allow
from portal.web.forms.once import is_spent, once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import page, page_number, see_other

PAGE = 25
PREFILLED = ("beneficiary", "specialty")


@bp.get("/referrals/requests")
@allow("beneficiary", "medical_officer")
def inbox() -> ResponseReturnValue:
    """List the requests of the officer's centre, those that wait first; a family gets the form."""
    if signed_in().staff is None:
        return _form_page()
    officer, is_answered = require_officer(), request.args.get("show") == "answered"
    found = requests.of_centre(officer)
    waiting = found.where(ReferralRequest.state == requests.OPEN)
    done = found.where(ReferralRequest.state.in_((requests.REFERRED, requests.DECLINED)))
    listed = page_of(
        done.order_by(ReferralRequest.id.desc()) if is_answered else waiting.order_by(ReferralRequest.id),
        page_number(),
        PAGE,
    )
    day = clinic_day(now())
    return page("referrals/requests.html", listed=listed, is_answered=is_answered, waiting=waiting.count(), today=day)


@bp.post("/referrals/requests")
@takes_files
@allow("beneficiary")
def ask() -> ResponseReturnValue:
    """Ask for a referral, with a photo or papers. What a refused token request had comes along as `prefill`."""
    if is_spent():
        return _asked(files=NOTHING)
    try:
        files = held.take_in(account(), request.files.getlist("records"), request.form.getlist("held"), now=now())
    except Unavailable as error:
        return _form_page(error.status, {"records": error.message}, retry_after=error.retry_after)
    return _form_page(files=files) if request.form.get("prefill") else _asked(files=files)


@once
def _asked(files: Basket) -> ResponseReturnValue:
    try:
        wanted = requests.read_request(account(), request.form)
        files.insist()
        with write():
            made = requests.ask(wanted.beneficiary, wanted.specialty, wanted.complaint, by=actor(), now=now())
            records.attach(made, files, by=actor(), now=now())
    except Invalid as error:
        return _form_page(error.status, error.fields | files.problems, files)
    except (TooBig, WrongKind) as error:
        return _form_page(error.status, files.problems, files)
    except (Conflict, TooMany) as error:
        return _form_page(error.status, {"": error.message}, files, error.retry_after)
    centre = wanted.beneficiary.entry.centre
    flash(
        _("Your request is with the medical officer of %(centre)s. You get a text.", centre=in_language(centre)),
        "success",
    )
    return see_other(url_for("referrals.mine"))


@bp.post("/referrals/requests/<uid>/withdraw")
@allow("beneficiary")
def withdraw(uid: str) -> ResponseReturnValue:
    """Withdraw an own request."""
    try:
        requests.withdraw(account(), uid, by=actor(), now=now())
    except Conflict as error:
        flash(error.message, "warn")
    return see_other(url_for("referrals.mine"))


@bp.get("/referrals/requests/<uid>")
@allow("medical_officer")
def asked(uid: str) -> ResponseReturnValue:
    """Show a request, with what came along, to answer it."""
    return _request_page(uid)


@bp.post("/referrals/requests/<uid>/decline")
@allow("medical_officer")
def decline(uid: str) -> ResponseReturnValue:
    """Answer without a referral; the family reads the reason."""
    try:
        requests.decline(require_officer(), uid, request.form.get("answer", ""), by=actor(), now=now())
    except Invalid as error:
        return _request_page(uid, error.status, error.fields)
    except Conflict as error:
        return _request_page(uid, error.status, {"": error.message})
    flash(_("The request is answered. The family gets a text and reads the reason."), "success")
    return see_other(url_for("referrals.inbox"))


@bp.get("/my/referrals")
@allow("beneficiary")
def mine() -> ResponseReturnValue:
    """Show the family its referrals and requests, newest first."""
    if not people_of(account()):
        return see_other(url_for("beneficiaries.register"))
    moment = now()
    opened = doors.opened(signed_in().row, moment)
    return page(
        "referrals/mine.html",
        asked=family.requests_of(account(), opened),
        listed=family.referrals_of(account(), page_number(), clinic_day(moment), opened),
    )


def _request_page(uid: str, status: int = 200, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    found, day = requests.open_request(require_officer(), uid), clinic_day(now())
    return page(
        "referrals/request.html",
        status=status,
        errors=errors or {},
        form=request.form,
        asked=found,
        records=reading.on_request(found),
        valid=services.valid_referrals(found.beneficiary.entry, day),
        today=day,
        limit=requests.LIMIT,
    )


def _form_page(
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    files: Basket = NOTHING,
    retry_after: int | None = None,
) -> ResponseReturnValue:
    people = people_of(account())
    if not people:
        return see_other(url_for("beneficiaries.register"))
    response = page(
        "referrals/ask.html",
        status=status,
        errors=errors or {},
        form=request.form or {name: request.args[name] for name in PREFILLED if name in request.args},
        people=[(person.uid, in_language(person.entry), in_language(person.entry.centre)) for person in people],
        specialties=[
            (row.code, in_language(row)) for row in Specialty.select().where(Specialty.active).order_by(Specialty.id)
        ],
        held=files.held,
        limit=requests.LIMIT,
        **limits(),
    )
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
