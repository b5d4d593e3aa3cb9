"""The switch beside the waiting page, the service worker and its page without internet, and what the worker tells."""

import json
from pathlib import Path

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from portal.api import clinic, clock
from portal.api.base import Invalid, speaking
from portal.api.base import gettext as _
from portal.api.web import actor, allow, body_within, csrf, json_answer, page, see_other, signed_in, strict_json
from portal.api.work import note

from . import keys, notices
from .models import Subscription

bp = Blueprint(
    "notify_webpush", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)
WORKER = Path(__file__).parent / "static" / "worker.js"
MOST_BYTES, KEY_BYTES = 4096, 200


@bp.get("/on/<uid>")
@allow("beneficiary", at_kiosk=False)
def switch(uid: str) -> ResponseReturnValue:
    """Show the switch; htmx, which would load it into the waiting page, goes there."""
    visit = clinic.visit_of_account(uid, signed_in().uid)
    if request.headers.get("HX-Request"):
        return see_other(request.path)
    phones = Subscription.select().where(Subscription.account == signed_in().uid).count()
    return page("notify_webpush/switch.html", visit=visit, phones=phones, key=keys.public_key())


@bp.post("/on/<uid>")
@allow("beneficiary", at_kiosk=False)
def switch_on(uid: str) -> Response:
    """Take the address of this browser."""
    mobile = clinic.visit_of_account(uid, signed_in().uid).patient.mobile
    address, account = strict_json(body_within(MOST_BYTES)), signed_in().uid
    try:
        notices.switch_on(account, mobile, address, now=clock.now())
    except Invalid as error:
        return json_answer({"error": " ".join(error.fields.values())}, 422)
    note("NoticesSwitchedOn", account, by=actor(), now=clock.now())
    return json_answer({"on": True})


@bp.post("/off/<uid>")
@allow("beneficiary")
def switch_off(uid: str) -> ResponseReturnValue:
    """Forget the phones of this account."""
    visit = clinic.visit_of_account(uid, signed_in().uid)
    if notices.switch_off(signed_in().uid):
        note("NoticesSwitchedOff", signed_in().uid, by=actor(), now=clock.now())
    return see_other(f"/x/notify_webpush/on/{visit.uid}")


@bp.post("/shown")
@allow("anyone")
def shown() -> Response:
    """Note by its one-time key that a notice was shown. The worker has no sign-in, so the key is all it needs."""
    try:
        key = json.loads(strict_json(body_within(KEY_BYTES)))["key"]
    except (KeyError, TypeError):
        key = ""
    if isinstance(key, str):
        notices.say_shown(key, now=clock.now())
    return make_response("", 204)


csrf.exempt(shown)


@bp.get("/worker.js")
@allow("anyone")
def worker() -> Response:
    """Serve the service worker; it may stand in front of the whole site, for the page without internet."""
    response = make_response(WORKER.read_text("utf-8"))
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@allow("anyone")
def offline() -> Response:
    """Serve the page without internet, in all that it says for everybody: it is fetched without a sign-in."""
    said = {}
    for language in ("hi", "en"):
        with speaking(language):
            said[language] = (
                _("No internet just now"),
                _("Your place in the queue is kept. Nothing is lost."),
                _("Look whether mobile data or Wi-Fi is on. Then try again."),
                _("Try again"),
            )
    return page("notify_webpush/offline.html", said=said)
