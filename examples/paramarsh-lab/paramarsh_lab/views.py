"""The webhook for results: its signature authenticates it."""

import hmac

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.api import clock, json_text, plugin
from portal.api.base import NotFound, ascii_whole
from portal.api.web import allow, body_within, csrf, json_answer

from . import lab, results
from .settings import LabSettings

NAME = "paramarsh_lab"
WINDOW, LARGEST = 300, 256 * 1024  # seconds; bytes
bp = Blueprint(NAME, __name__)


@bp.post("/results")
@allow("machine")
def take() -> ResponseReturnValue:
    """Take results. 401 for a wrong signature or an old timestamp, 422 for what cannot be read, 404 for no order."""
    body, moment = body_within(LARGEST), clock.now()
    if not _is_signed(body):
        return json_answer({"error": "not signed"}, 401)
    try:
        row = results.take(json_text.read_object(body), now=moment)
    except NotFound:
        return json_answer({"error": "no such order"}, 404)
    except ValueError as error:
        return json_answer({"error": str(error)}, 422)
    return json_answer({"order": row.uid}, 202)


def _is_signed(body: bytes) -> bool:
    stamp, given = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    moment = ascii_whole(stamp, 0, 10**10)
    if moment is None or abs(clock.now().timestamp() - moment) > WINDOW:
        return False
    secret = plugin.settings(NAME, LabSettings).secret.get_secret_value()
    return hmac.compare_digest(lab.signature(secret, stamp, body).encode(), given.encode())


csrf.exempt(take)
