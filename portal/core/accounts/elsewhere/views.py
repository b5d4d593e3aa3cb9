"""The sign-in of staff whose identity a plugin has verified; and the administrator's list of identities."""

from flask import Response, flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.base.language import gettext as _
from portal.contracts import VerifiedIdentity
from portal.core.accounts import services as accounts
from portal.core.accounts.browser_views import sign_in_browser
from portal.core.accounts.elsewhere import services
from portal.core.accounts.here import staff
from portal.core.accounts.models import Staff
from portal.core.accounts.resets import services as resets
from portal.core.accounts.staff_views import half_of
from portal.core.accounts.step_up import stepped_up
from portal.core.accounts.views import bp
from portal.plugin_host.capabilities import signs_in_staff
from portal.plugin_host.registry import registry
from portal.settings.sign_in import SignInRules
from portal.web.access import actor, allow
from portal.web.pages import own_path, page, see_other


@signs_in_staff
def sign_in(plugin: str, identity: VerifiedIdentity, target: str) -> Response:
    """Sign in the member of staff whom an administrator named for this identity, and redirect to `target`.

    A second factor of the portal is asked for unless the clinic's setting leaves it to the other side.
    Raises NotAllowed, also for a plugin that offers no sign-in.
    """
    if plugin not in _ways():
        raise NotAllowed
    moment, wanted = now(), own_path(target, "")
    staff = services.staff_of(plugin, identity, now=moment)
    is_asked = bool(staff.totp_secret) and SignInRules.in_force().elsewhere_second_factor == "portal"
    if is_asked:
        session["half"] = half_of(staff)
        return see_other(url_for("accounts.staff_login", next=wanted or None))
    return sign_in_browser(accounts.sign_in_staff(staff, now=moment), wanted)


@bp.route("/admin/staff/<uid>/identities", methods=["GET", "POST"])
@allow("admin")
@stepped_up("accounts.identities")
def identities(uid: str) -> ResponseReturnValue:
    """List the identities with which a person may sign in, and name one more."""
    person, errors = _person(uid), {}
    plugins = _ways()
    if request.method == "POST":
        try:
            plugin = request.form.get("plugin", "")
            if plugin not in plugins:
                raise Invalid({"plugin": _("Choose a sign-in.")})
            if resets.may_reset(person, "identity", staff(), by=actor(), now=now()):
                services.name_identity(person, plugin, request.form.get("known_as", ""), by=actor(), now=now())
                flash(_("With this identity the person can sign in now."), "success")
            else:
                flash(_("A second administrator has to confirm this first, within four hours."), "warn")
            return see_other(url_for("accounts.identities", uid=uid))
        except Invalid as error:
            errors = error.fields
        except Conflict as error:
            errors = {"known_as": error.message}
    return page(
        "accounts/identities.html",
        status=422 if errors else 200,
        errors=errors,
        person=person,
        identities=services.identities_of(person),
        plugins=plugins,
        form=request.form,
        title_of=lambda name: registry().title(name) if name in registry().installed else name,
    )


@bp.post("/admin/staff/<uid>/identities/<identity>/remove")
@allow("admin")
@stepped_up("accounts.identities")
def remove_identity(uid: str, identity: str) -> ResponseReturnValue:
    """Take an identity away."""
    services.remove_identity(_person(uid), identity, by=actor(), now=now())
    flash(_("This identity opens the account no longer."), "success")
    return see_other(url_for("accounts.identities", uid=uid))


def _ways() -> dict[str, str]:
    """Map the plugins that offer a sign-in to their titles."""
    plugins = registry()
    return {name: plugins.title(name) for name, _hook in plugins.implementations("staff_sign_in")}


def _person(uid: str) -> Staff:
    person: Staff | None = Staff.get_or_none(Staff.uid == uid)
    if person is None:
        raise NotFound
    return person
