"""The page of a person's PIN: an OTP is sent, and with it the PIN is set, changed or removed."""

from collections.abc import Mapping

from flask import Response, flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.browser_views import device_of, request_code
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries.models import Beneficiary
from portal.core.privacy import offers, pins
from portal.core.privacy.views import bp
from portal.core.visits.services import live_visit
from portal.web.access import actor, allow, client_address
from portal.web.pages import page, see_other

CHALLENGE = "pin_otp"


@bp.get("/people/<uid>/pin")
@allow("beneficiary")
def pin(uid: str) -> ResponseReturnValue:
    """Show whether a PIN is set, and the way to one."""
    return _pin_page(pins.own_person(uid, account()))


@bp.post("/people/<uid>/pin/otp")
@allow("beneficiary")
def send_pin_otp(uid: str) -> ResponseReturnValue:
    """Send an OTP to the account's mobile. When rate-limited, the one sent before counts."""
    person = pins.own_person(uid, account())
    pins.require_may(person, signed_in().row, now())
    sent = request_code(account().mobile)
    session[CHALLENGE] = sent or session.get(CHALLENGE, "")
    flash(_("If this number can receive messages, a new OTP is on its way."), "info")
    return see_other(url_for("privacy.pin", uid=uid))


@bp.post("/people/<uid>/pin")
@allow("beneficiary")
def set_pin(uid: str) -> ResponseReturnValue:
    """Set or change the PIN."""
    person, form, mobile = pins.own_person(uid, account()), request.form, account().mobile
    pins.require_may(person, signed_in().row, now())
    try:
        wanted = pins.read(person, form.get("pin", ""), form.get("pin_again", ""))
        pins.set_pin(
            person,
            wanted,
            str(session.get(CHALLENGE, "")),
            form.get("otp", ""),
            client_address(),
            device=device_of(mobile),
            by=actor(),
            now=now(),
        )
    except Invalid as error:
        return _pin_page(person, error.fields)
    session.pop(CHALLENGE, None)
    flash(_("The PIN is set. It opens the private visits of this person alone."), "success")
    return see_other(url_for("privacy.pin", uid=uid))


@bp.post("/people/<uid>/pin/remove")
@allow("beneficiary")
def remove_pin(uid: str) -> ResponseReturnValue:
    """Remove the PIN."""
    person = pins.own_person(uid, account())
    pins.require_may(person, signed_in().row, now())
    pins.remove(person, by=actor(), now=now())
    flash(_("The PIN is removed. Private visits open with a code of the doctor or the desk."), "success")
    return see_other(url_for("privacy.pin", uid=uid))


@bp.post("/people/<uid>/pin/no")
@allow("beneficiary")
def decline_pin(uid: str) -> ResponseReturnValue:
    """Answer the offer of a PIN with no; it ends in every sign-in."""
    person = pins.own_person(uid, account())
    offers.decline(person, by=actor(), now=now())
    live = live_visit(person)
    return see_other(url_for("visits.show", uid=live.uid) if live else "/home")


def _pin_page(person: Beneficiary, errors: Mapping[str, str] | None = None) -> Response:
    moment, sign_in = now(), signed_in().row
    refusal = ""
    try:
        pins.require_may(person, sign_in, moment)
    except Conflict as error:
        refusal = error.message
    return page(
        "privacy/pin.html",
        status=Invalid.status if errors else 200,
        person=person,
        known=pins.pin_of(person),
        refusal=refusal,
        closed=pins.closed_visit(person, sign_in, moment),
        live=live_visit(person),
        is_sent=bool(session.get(CHALLENGE)),
        errors=errors,
    )
