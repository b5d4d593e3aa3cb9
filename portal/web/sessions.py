"""The session cookie: sealed, so that who finds a browser's cookies reads nothing in them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from portal.store import sealed

PURPOSE = "session cookie"
_values = TaggedJSONSerializer()


class Seal:
    """Turns a session into a cookie and back, as Flask's own signer does.

    It has no age: what a sign-in, an OTP or a half sign-in may still do is decided by their own times, so a cookie of
    a node whose clock is ahead signs nobody out (safety.md F35, F36).
    """

    def dumps(self, values: dict[str, Any]) -> str:
        """The cookie."""
        return sealed.seal(PURPOSE, _values.dumps(values))

    def loads(self, text: str, max_age: int | None = None) -> dict[str, Any]:
        """The session. Raises BadSignature when the cookie is not ours."""
        plain = sealed.unseal(PURPOSE, text)
        if plain is None:
            raise BadSignature("not sealed by us")
        values: dict[str, Any] = _values.loads(plain)
        return values


class SealedSessions(SecureCookieSessionInterface):
    """Flask's sessions with a cookie nobody can read."""

    def get_signing_serializer(self, app: Flask) -> Seal:  # type: ignore[override]
        """What makes and opens the cookie."""
        return Seal()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Not with a 5xx that begins another: who is told to try again sends the same form, which fits this one."""
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or self._goes_on(app, session):
            super().save_session(app, session, response)

    def _goes_on(self, app: Flask, session: SessionMixin) -> bool:
        """Is it still the sign-in, and the token of forms, with which the request came?"""
        came: Mapping[str, Any] = self.open_session(app, request) or {}
        is_same = session.get("_user_id") == came.get("_user_id")
        return is_same and ("csrf_token" not in came or session.get("csrf_token") == came["csrf_token"])
