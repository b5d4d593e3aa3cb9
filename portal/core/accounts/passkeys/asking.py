"""The second factor as a browser proves it: a code, or what a key signed of the challenge kept in the session."""

from ipaddress import ip_address

from flask import current_app, session

from portal.base.clock import SKEW, now
from portal.core.accounts import services
from portal.core.accounts.models import Staff
from portal.core.accounts.passkeys import keys
from portal.core.accounts.passkeys.proofs import SECONDS, host_of

ASKED = "passkey"


def origin() -> str:
    """Return scheme, host and port of this portal, as browsers name them."""
    return str(current_app.config["PORTAL"].base_url).rstrip("/")


def is_possible() -> bool:
    """Can keys be bound to this portal? Browsers bind them to a name, never to the number of a computer."""
    try:
        ip_address(host_of(origin()))
    except ValueError:
        return True
    return False


def ask(staff: Staff) -> str:
    """Return what a page hands to the browser, as JSON, and remember its challenge; "" without a passkey."""
    options, challenge = keys.options_to_prove(staff, origin())
    if options:
        remember(challenge)
    return options


def remember(challenge: str) -> None:
    """Keep a challenge until it is answered."""
    session[ASKED] = {"challenge": challenge, "until": now().timestamp() + SECONDS}


def prove(staff: Staff, code: str, passkey: str, device: str) -> None:
    """Check what was typed or signed. Raises Invalid on `code`, or TooMany."""
    if passkey:
        services.check_passkey(staff, passkey, take(), origin(), device=device, now=now())
    else:
        services.check_code(staff, code, device=device, now=now())


def take() -> str:
    """Take the challenge that was asked; "" when it is over or was answered."""
    asked = session.pop(ASKED, None)
    left = asked["until"] - now().timestamp() if isinstance(asked, dict) else -1
    return str(asked["challenge"]) if asked and 0 <= left <= SECONDS + SKEW.total_seconds() else ""
