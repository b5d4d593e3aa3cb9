"""Permission to send a large body: only to views with file uploads, by somebody who is or was signed in."""

from collections.abc import Callable
from typing import Any, TypeVar

import peewee
from flask import Flask
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_cookie

from portal.base.clock import now
from portal.base.errors import PortalError
from portal.web.access import sign_ins
from portal.web.sessions import Seal

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
AROUND = 16 * 1024  # bytes of a form's other fields


def takes_files(view: View) -> View:
    """Declare that this view accepts file uploads."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def takes_one_file(largest: int) -> Callable[[View], View]:
    """Declare that this view accepts one file of so many bytes from anybody; such bodies have slots of their own."""

    def declare(view: View) -> View:
        view.largest_file = largest  # type: ignore[attr-defined]
        return view

    return declare


class FilesOfAnyone:
    """How many bytes may this body of a form with a file have, from anybody? 0 where none is taken."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any]) -> int:
        """Return the limit of the view, with room for the form around the file."""
        if not environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
            return 0
        try:
            endpoint, _values = self._app.url_map.bind_to_environ(environ).match()
        except HTTPException:
            return 0
        largest = int(getattr(self._app.view_functions[endpoint], "largest_file", 0))
        return largest + AROUND if largest else 0


class LargeBodies:
    """May this request have a body of many megabytes? Decided before a byte of it is read."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any]) -> bool:
        """Allow it for upload views, from a browser with a known session.

        A recently expired sign-in counts: what was typed beside the files is kept for the next sign-in.
        """
        try:
            endpoint, _values = self._app.url_map.bind_to_environ(environ).match()
            return self._takes_files(endpoint) and self._is_known(environ.get("HTTP_COOKIE", ""))
        except (HTTPException, peewee.PeeweeException, PortalError):
            return False

    def _takes_files(self, endpoint: str) -> bool:
        return bool(getattr(self._app.view_functions[endpoint], "takes_files", False))

    def _is_known(self, cookies: str) -> bool:
        try:
            session = Seal().loads(parse_cookie(cookies).get(self._app.config["SESSION_COOKIE_NAME"], ""))
        except BadSignature:
            return False
        with self._app.app_context():
            return "_user_id" in session and sign_ins(self._app).is_known(session["_user_id"], now=now())
