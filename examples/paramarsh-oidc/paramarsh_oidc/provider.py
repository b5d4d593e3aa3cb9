"""The OpenID Connect client: Authlib's flow and checks, over the portal's own HTTP client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.api import json_text, outbound
from portal.api.base import gettext as _
from portal.contracts import VerifiedIdentity

from .settings import OidcSettings

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never "none", never the secret as a key
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
LEEWAY = 60  # seconds that the clocks may differ


class ProviderError(Exception):
    """The provider does not answer as it should: a sentence without secrets."""


@dataclass(frozen=True)
class Reply:
    """A response as Authlib reads it."""

    status_code: int
    body: bytes

    def json(self) -> Any:
        """Return the body as an object; empty when it is none."""
        return json_text.read_object(self.body)

    def raise_for_status(self) -> None:
        """Raise ProviderError for what is no success."""
        if not 200 <= self.status_code < 300:
            raise ProviderError(_("The provider answers with an error (%(status)s).", status=self.status_code))


@dataclass(frozen=True)
class Door:
    """What Authlib sends with: the portal's client, which reaches no internal address and follows no redirect."""

    seconds: float

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Reply:
        """Post a form, with the client's authentication."""
        url, signed, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _sent("POST", url, self.seconds, headers=signed, content=body)


def metadata(settings: OidcSettings) -> dict[str, Any]:
    """Fetch what the provider says of itself. Raises ProviderError, also when it is another issuer."""
    issuer = settings.issuer
    reply = _sent("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration", settings.seconds)
    reply.raise_for_status()
    found: dict[str, Any] = reply.json()
    if any(not isinstance(found.get(name), str) for name in NEEDED):
        raise ProviderError(_("The provider does not name its addresses."))
    if found["issuer"] != issuer:
        raise ProviderError(
            _("The provider calls itself %(issuer)s; write the issuer just so.", issuer=found["issuer"])
        )
    return found


def address_of(settings: OidcSettings, redirect: str, *, state: str, nonce: str, verifier: str) -> str:
    """Return where the browser goes to sign in. Raises ProviderError."""
    client = _client(settings, redirect)
    target = metadata(settings)["authorization_endpoint"]
    address, _state = client.create_authorization_url(target, state=state, code_verifier=verifier, nonce=nonce)
    return str(address)


def identity_of(settings: OidcSettings, redirect: str, code: str, *, nonce: str, verifier: str) -> VerifiedIdentity:
    """Exchange the code and verify the ID token. Raises ProviderError."""
    known = metadata(settings)
    client = _client(settings, redirect)
    try:
        token = client.fetch_token(
            known["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
        )
        claims = _verified(settings, known, token, nonce)
    except ProviderError:
        raise
    except Exception as error:  # Authlib's and joserfc's errors have no common base; none of their texts is shown
        raise ProviderError(_("The provider's answer could not be verified.")) from error
    email = claims.get("email") if claims.get("email_verified") is True else ""
    return VerifiedIdentity(subject=str(claims["sub"]), email=email if isinstance(email, str) else "")


def check(settings: OidcSettings) -> None:
    """Check that the provider answers and has keys. Raises ProviderError."""
    _keys(settings, metadata(settings))


def _client(settings: OidcSettings, redirect: str) -> OAuth2Client:
    return OAuth2Client(
        Door(settings.seconds),
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        scope="openid email",
        redirect_uri=redirect,
        code_challenge_method="S256",
    )


def _verified(settings: OidcSettings, known: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> CodeIDToken:
    """Verify signature, issuer, audience, time and nonce of the ID token."""
    decoded = jwt.decode(token["id_token"], _keys(settings, known), algorithms=ALGORITHMS)
    options = {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
    }
    params = {"nonce": nonce, "client_id": settings.client_id, "access_token": token.get("access_token")}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    claims.validate(leeway=LEEWAY)
    return claims


def _keys(settings: OidcSettings, known: Mapping[str, Any]) -> KeySet:
    reply = _sent("GET", known["jwks_uri"], settings.seconds)
    reply.raise_for_status()
    try:
        return KeySet.import_key_set(reply.json())
    except (JoseError, ValueError, KeyError) as error:
        raise ProviderError(_("The provider's keys cannot be read.")) from error


def _sent(method: str, url: str, seconds: float, **request: Any) -> Reply:
    try:
        answer = outbound.call(method, url, seconds=seconds, **request)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise ProviderError(_("The provider does not answer.")) from error
    return Reply(answer.status, answer.body)
