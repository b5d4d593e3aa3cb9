"""Signing in with the fingerprint or screen lock of a phone, and the page on which a family switches it on and off."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid, NotAllowed
from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.accounts.browser_views import device_name, device_of, sign_in_browser
from portal.core.accounts.here import account, signed_in
from portal.core.accounts.passkeys import asking, mobiles
from portal.core.accounts.views import bp
from portal.settings.clinic import PageWords
from portal.web.access import allow, client_address
from portal.web.kiosk import kiosk_key
from portal.web.pages import own_path, page, see_other

bp.app_template_global("can_use_phone_lock")(asking.is_possible)


@bp.app_template_global()
def phone_lock() -> str:
    """Give the sign-in page what it hands to a phone that is switched on, as JSON; "" anywhere else."""
    options, challenge = mobiles.options_to_sign_in("" if kiosk_key() else device_name(), asking.origin(), now())
    if options:
        asking.remember(challenge)
    return options


@bp.post("/login/phone")
@allow("anyone")
def by_phone() -> ResponseReturnValue:
    """Sign in with what the phone has signed; not at a kiosk, which is nobody's phone."""
    if kiosk_key():
        raise NotAllowed
    target, answer = own_path(request.form.get("next", ""), "/home"), request.form.get("passkey", "")
    try:
        person = mobiles.sign_in(
            answer, asking.take(), asking.origin(), client_address(), language=current(), now=now()
        )
    except Invalid as error:
        flash(error.fields[""], "error")
        return see_other(url_for("accounts.login", next=target))
    return sign_in_browser(person, target)


@bp.get("/my/sign-in")
@allow("beneficiary", at_kiosk=False)
def phones() -> ResponseReturnValue:
    """List the phones that sign in without an SMS, and offer this one."""
    mobile, options = account(), ""
    device, may_add = device_of(mobile.mobile), mobiles.may_add(signed_in(), now())
    if may_add and asking.is_possible():
        options, challenge = mobiles.options_to_add(mobile, device, asking.origin(), PageWords.in_force().institution)
        asking.remember(challenge)
    return page(
        "accounts/phones.html",
        mobile=mobile.mobile,
        keys=mobiles.of(mobile),
        device=device,
        options=options,
        may_add=may_add,
        can_have=asking.is_possible(),
        days=mobiles.PROVEN_FOR.days,
        since=now() - mobiles.PROVEN_FOR,
    )


@bp.post("/my/sign-in")
@allow("beneficiary", at_kiosk=False)
def add_phone() -> ResponseReturnValue:
    """Store the key that this phone has made."""
    answer, device = request.form.get("passkey", ""), device_of(account().mobile)
    try:
        mobiles.add(signed_in(), answer, asking.take(), device, asking.origin(), now=now())
        flash(_("It is switched on. Next time you can sign in on this phone without an SMS."), "success")
    except Invalid as error:
        flash(error.fields[""], "error")
    return see_other(url_for("accounts.phones"))


@bp.post("/my/sign-in/<uid>/remove")
@allow("beneficiary", at_kiosk=False)
def remove_phone(uid: str) -> ResponseReturnValue:
    """Remove a phone."""
    mobiles.remove(signed_in(), uid, now=now())
    flash(_("It is switched off. That phone signs in by SMS again."), "success")
    return see_other(url_for("accounts.phones"))
