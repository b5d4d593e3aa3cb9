"""The session cookie: encrypted, so that a stolen cookie jar reveals nothing."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from portal.store import sealed
from portal.web.assets import is_part_of_a_page

PURPOSE = "session cookie"
_values = TaggedJSONSerializer()


class Seal:
    """Serialises a session into a cookie and back, like Flask's signer, but encrypted.

    It has no max-age: sign-ins and OTPs expire by their own times, so the cookie of a node whose clock is ahead signs
    nobody out (safety.md F35, F36).
    """

    def dumps(self, values: dict[str, Any]) -> str:
        """Encrypt a session into a cookie."""
        return sealed.seal(PURPOSE, _values.dumps(values))

    def loads(self, text: str, max_age: int | None = None) -> dict[str, Any]:
        """Decrypt a cookie. Raises BadSignature when no key fits."""
        plain = sealed.unseal(PURPOSE, text)
        if plain is None:
            raise BadSignature("not sealed by us")
        values: dict[str, Any] = _values.loads(plain)
        return values


class SealedSessions(SecureCookieSessionInterface):
    """Flask's sessions with an encrypted cookie."""

    def get_signing_serializer(self, app: Flask) -> Seal:  # type: ignore[override]
        """Return the serializer of the cookie."""
        return Seal()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save, except a new session on a 5xx: the retry of the form needs the CSRF token of the old session.

        Nor with a script or a style: kept by `Vary: Cookie`, a browser would fetch it again after every sign-in.
        """
        if is_part_of_a_page(response):
            return
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or self._is_same_session(app, session):
            super().save_session(app, session, response)

    def _is_same_session(self, app: Flask, session: SessionMixin) -> bool:
        """Are sign-in and CSRF token still those the request came with?"""
        came: Mapping[str, Any] = self.open_session(app, request) or {}
        is_same = session.get("_user_id") == came.get("_user_id")
        return is_same and ("csrf_token" not in came or session.get("csrf_token") == came["csrf_token"])
