"""Staff's own credentials: password, second factor, passkeys, codes; without a factor there is no other page (S25)."""

import segno
from flask import flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.roles import ROLES
from portal.core.accounts import credentials, services
from portal.core.accounts import second_factor as factors
from portal.core.accounts import staff as people
from portal.core.accounts.browser_views import device_of
from portal.core.accounts.here import signed_in
from portal.core.accounts.passkeys import asking, keys
from portal.core.accounts.step_up import stepped_up
from portal.core.accounts.views import bp
from portal.settings.clinic import PageWords
from portal.web.access import STAFF, allow, client_address
from portal.web.pages import page, see_other


@bp.route("/staff/second-factor", methods=["GET", "POST"])
@allow(*STAFF)
def second_factor() -> ResponseReturnValue:
    """Show the secret as a QR code until a code of the app confirms it; then show the recovery codes, once."""
    person, errors = signed_in(), {}
    if person.staff is not None and person.staff.totp_secret:
        return page(
            "accounts/factor_set.html",
            left=factors.codes_left(person.staff),
            few=factors.FEW,
            passkeys=keys.of(person.staff),
            can_have=asking.is_possible(),
        )
    secret = session.setdefault("factor", credentials.new_secret())
    if request.method == "POST":
        try:
            codes = factors.set_up(person, secret, request.form.get("code", ""), now=now())
        except Invalid as error:
            errors = error.fields
        else:
            session.pop("factor")
            flash(_("Set. From now on the code is asked at every sign-in."), "success")
            return page("accounts/codes.html", codes=codes, onward=ROLES[person.role].home)
    address = credentials.address_of(
        secret, str(person.staff and person.staff.username), PageWords.in_force().institution
    )
    return page(
        "accounts/second_factor.html",
        status=422 if errors else 200,
        errors=errors,
        secret=secret,
        qr=segno.make(address, error="m").png_data_uri(border=2, scale=5),
    )


@bp.route("/staff/password", methods=["GET", "POST"])
@allow(*STAFF)
@stepped_up("accounts.own_password")
def own_password() -> ResponseReturnValue:
    """Change the own password."""
    person, form, errors = signed_in(), request.form, {}
    if request.method == "POST" and person.staff is not None:
        try:
            services.check_own_password(
                person,
                form.get("current", ""),
                client_address(),
                device=device_of(services.known_as(person)),
                now=now(),
            )
            people.change_password(
                person.staff, form.get("password", ""), form.get("again", ""), stays=person.row, now=now()
            )
        except Invalid as error:
            errors = error.fields
        else:
            flash(_("Your password is changed. Everywhere else you are signed out."), "success")
            return see_other(ROLES[person.role].home)
    return page(
        "accounts/password.html", status=422 if errors else 200, errors=errors, person=person.staff, is_own=True
    )


@bp.post("/staff/recovery-codes")
@allow(*STAFF)
@stepped_up("accounts.second_factor")
def recovery_codes() -> ResponseReturnValue:
    """Replace the recovery codes."""
    person = signed_in()
    if person.staff is None or not person.staff.totp_secret:
        return see_other(url_for("accounts.second_factor"))
    codes = factors.renew_codes(person, now=now())
    return page("accounts/codes.html", codes=codes, onward=ROLES[person.role].home)


@bp.post("/staff/passkeys/new")
@allow(*STAFF)
@stepped_up("accounts.second_factor")
def new_passkey() -> ResponseReturnValue:
    """Show the page on which the browser makes a key."""
    person = signed_in().staff
    if person is None or not person.totp_secret:
        return see_other(url_for("accounts.second_factor"))
    try:
        options, challenge = keys.options_to_add(person, asking.origin(), PageWords.in_force().institution)
    except Invalid as error:
        flash(error.fields[""], "error")
        return see_other(url_for("accounts.second_factor"))
    asking.remember(challenge)
    return page("accounts/passkey.html", options=options)


@bp.post("/staff/passkeys")
@allow(*STAFF)
def add_passkey() -> ResponseReturnValue:
    """Store the key that the browser has made. The challenge was given behind the step-up, and holds for minutes."""
    form = request.form
    try:
        keys.add(signed_in(), form.get("passkey", ""), asking.take(), form.get("name", ""), asking.origin(), now=now())
        flash(_("The passkey is there. You can use it in place of the code from now on."), "success")
    except Invalid as error:
        flash(error.fields[""], "error")
    return see_other(url_for("accounts.second_factor"))


@bp.post("/staff/passkeys/<uid>/remove")
@allow(*STAFF)
@stepped_up("accounts.second_factor")
def remove_passkey(uid: str) -> ResponseReturnValue:
    """Remove an own passkey."""
    keys.remove(signed_in(), uid, now=now())
    flash(_("The passkey is removed: it opens nothing any more."), "success")
    return see_other(url_for("accounts.second_factor"))
