"""To the provider and back. What the way back needs is in a signed cookie of ten minutes, used once."""

import secrets

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as WerkzeugResponse

from portal.api import clock, plugin, signed
from portal.api.base import NotAllowed, Unavailable
from portal.api.base import gettext as _
from portal.api.web import allow, sign_in_staff

from . import provider
from .settings import OidcSettings

NAME = "paramarsh_oidc"
PURPOSE = "paramarsh_oidc sign-in"
SECONDS = 600
bp = Blueprint(NAME, __name__)


@bp.get("/start")
@allow("anyone")
def start() -> ResponseReturnValue:
    """Send the browser to the provider."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _number in range(3))
    settings = plugin.settings(NAME, OidcSettings)
    try:
        target = provider.address_of(settings, redirect_address(), state=state, nonce=nonce, verifier=verifier)
    except provider.ProviderError as error:
        raise Unavailable(f"{error} {_password()}", retry_after=60) from error
    answer = redirect(target, 303)
    begun = str(int(clock.now().timestamp()))
    _keep(answer, signed.write(PURPOSE, state, nonce, verifier, begun, request.args.get("next", "")[:200]))
    return answer


@bp.get("/back")
@allow("anyone")
def back() -> ResponseReturnValue:
    """Verify what the provider answered, and sign the person in."""
    kept = signed.read(PURPOSE, request.cookies.get(_cookie(), ""))
    state = request.args.get("state", "")
    if kept is None or len(kept) != 5 or not secrets.compare_digest(kept[0].encode(), state.encode()):
        raise NotAllowed(_("This sign-in was not begun in this browser, or was used already. Please begin again."))
    _state, nonce, verifier, begun, target = kept
    if not 0 <= clock.now().timestamp() - int(begun) <= SECONDS:
        raise NotAllowed(_("This took too long. Please begin again."))
    if "code" not in request.args:
        raise NotAllowed(f"{_('The provider did not sign you in.')} {_password()}")
    settings = plugin.settings(NAME, OidcSettings)
    try:
        identity = provider.identity_of(
            settings, redirect_address(), request.args["code"], nonce=nonce, verifier=verifier
        )
    except provider.ProviderError as error:
        raise Unavailable(f"{error} {_password()}", retry_after=60) from error
    answer = sign_in_staff(NAME, identity, target)
    answer.delete_cookie(_cookie(), path="/x/paramarsh_oidc/", secure=_is_https(), httponly=True, samesite="Lax")
    return answer


def redirect_address() -> str:
    """Return the address that is registered at the provider."""
    return f"{plugin.public_address()}/x/{NAME}/back"


def _password() -> str:
    return _("You can sign in with user name and password meanwhile.")


def _keep(answer: WerkzeugResponse, text: str) -> None:
    # Lax: the way back is a link from another site.
    answer.set_cookie(
        _cookie(), text, SECONDS, path="/x/paramarsh_oidc/", secure=_is_https(), httponly=True, samesite="Lax"
    )


def _cookie() -> str:
    return "__Secure-oidc" if _is_https() else "oidc"


def _is_https() -> bool:
    return plugin.public_address().startswith("https:")
