"""Probe of the Jitsi server: does it respond, refuse everybody without a token of ours, and accept ours?

It logs in as Jitsi's own page does: XMPP over BOSH at /http-bind, anonymous, with the token in the URL. What cannot be
tested from outside: whether the server also compares the room's name (token_verification of the conference component);
the settings page says so.
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from pydantic import SecretStr

from portal.api import clock, outbound, plugin
from portal.api.base import gettext as _
from portal.contracts import GatewayError, HealthCheck

from . import tokens
from .rooms import PROVIDER
from .settings import Settings

SECONDS = 5.0
QUICK = 2.0
MARK = b"JitsiMeetExternalAPI"
DOMAIN = re.compile(r"""\bdomain['"]?\s*[:=]\s*['"]([a-z0-9.-]{1,200})['"]""", re.IGNORECASE)
SID = re.compile(r"""\bsid=['"]([^'"<>&\s]{1,200})['"]""")
BOSH = "http://jabber.org/protocol/httpbind"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"


class ProbeFailed(Exception):
    """Raised when the server fails a check; the text is a sentence for the administrator."""


def checks() -> list[HealthCheck]:
    """Return the three checks."""
    return [
        HealthCheck(_("The Jitsi server answers"), lambda: require_script(_settings())),
        HealthCheck(_("Nobody gets in without a token of ours"), lambda: require_shut(_settings())),
        HealthCheck(_("The server takes our token"), lambda: require_our_token(_settings())),
    ]


def problems() -> list[str]:
    """Return what keeps the plugin off, as sentences; stop at the first."""
    steps: tuple[Callable[[Settings], None], ...] = (require_script, require_shut, require_our_token)
    try:
        for step in steps:
            step(_settings())
    except ProbeFailed as doubt:
        return [str(doubt)]
    return []


def require_server() -> None:
    """Probe quickly before a room is opened. Raises GatewayError: the next provider is tried."""
    try:
        answer = outbound.call("HEAD", _settings().script, seconds=QUICK)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise GatewayError(f"the Jitsi server does not answer: {error}") from error
    if answer.status >= 500:
        raise GatewayError(f"the Jitsi server answers {answer.status}")


def require_script(settings: Settings) -> None:
    """Check that Jitsi's script is where the call's page will load it. Raises ProbeFailed."""
    answer = _ask("GET", settings.script)
    if answer.status != 200 or MARK not in answer.body:
        raise ProbeFailed(_("There is no Jitsi at %(address)s: its script was not found.", address=settings.script))


def require_shut(settings: Settings) -> None:
    """Check that no, an empty, a foreign and an expired token are refused. Raises ProbeFailed.

    8x8's service always requires a token; only a self-hosted server can be open by mistake.
    """
    if settings.is_service:
        return
    domain = _domain(settings)
    past = clock.now() - timedelta(hours=1)
    foreign = settings.model_copy(update={"algorithm": "HS256", "app_secret": SecretStr(secrets.token_hex(32))})
    tried = {
        _("This server lets anybody in: it opened without a token."): None,
        _("This server lets anybody in: it opened with an empty token."): "",
        _("This server lets anybody in: it opened with a token that somebody else signed."): _token(foreign),
        _("This server opened with a token that has ended."): _token(settings, past),
    }
    for sentence, token in tried.items():
        if _gets_in(settings, domain, token):
            advice = _("Set up token authentication there (no guests, no empty tokens), then try again.")
            raise ProbeFailed(f"{sentence} {advice}")


def require_our_token(settings: Settings) -> None:
    """Check that our token is accepted: both sides agree on the key and the names. Raises ProbeFailed."""
    if not settings.is_service and not _gets_in(settings, _domain(settings), _token(settings)):
        raise ProbeFailed(
            _("The server refuses our token. Compare application ID, secret or key, audience and issuer.")
        )


def _gets_in(settings: Settings, domain: str, token: str | None) -> bool:
    """Log in as Jitsi's page does, and log out."""
    address = f"{settings.server}/http-bind"
    query = {"room": "probe"} | ({} if token is None else {"token": token})
    number = secrets.randbelow(10**9) + 10**6
    hello = _body(
        number,
        f"to='{domain}' hold='1' wait='5' ver='1.6' xml:lang='en' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'",
    )
    opened = _ask("POST", address, params=query, content=hello)
    sid = SID.search(opened.text)
    if opened.status != 200 or not sid:
        if "terminate" in opened.text or opened.status in {401, 403}:
            return False
        raise ProbeFailed(_("The log-in cannot be tried: %(address)s does not speak BOSH.", address=address))
    session = f"sid='{sid[1]}'"
    try:
        auth = f"<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>"
        return "<success" in _ask("POST", address, params=query, content=_body(number + 1, session, auth)).text
    finally:
        _ask("POST", address, params=query, content=_body(number + 2, f"{session} type='terminate'"))


def _body(number: int, attributes: str, inner: str = "") -> str:
    return f"<body rid='{number}' {attributes} xmlns='{BOSH}'>{inner}</body>"


def _domain(settings: Settings) -> str:
    """Return the name of the XMPP server: from config.js, else the host's."""
    found = DOMAIN.search(unescape(_ask("GET", f"{settings.server}/config.js").text))
    return found[1].lower() if found else settings.host.partition(":")[0]


def _token(settings: Settings, now: datetime | None = None) -> str:
    return tokens.make(settings, room="probe", seat="probe", name="Probe", is_moderator=False, now=now or clock.now())


def _ask(method: str, address: str, **request: Any) -> outbound.Answer:
    try:
        return outbound.call(method, address, seconds=SECONDS, **request)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise ProbeFailed(_("%(address)s does not answer.", address=address)) from error


def _settings() -> Settings:
    return plugin.settings(PROVIDER, Settings)
