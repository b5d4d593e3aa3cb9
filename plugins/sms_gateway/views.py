"""Delivery-report webhooks, and the page of the drivers.

A webhook is authenticated by its URL, which is signed for one attempt of one text.
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.api.base import gettext as _
from portal.api.clock import now
from portal.api.web import allow, csrf, json_answer, page
from portal.contracts import NavItem

from . import addresses, reports, services

bp = Blueprint("sms_gateway", __name__, template_folder="templates")
csrf.exempt(bp)  # webhooks have no session


def nav_items(role: str) -> list[NavItem]:
    """Add the drivers' page to the administrator's navigation."""
    admin = frozenset({"admin"})
    return [NavItem(_("SMS drivers"), url_for("sms_gateway.drivers"), admin)] if role in admin else []


@bp.get("/drivers")
@allow("admin")
def drivers() -> ResponseReturnValue:
    """Show each driver's breaker, the tally of its reports, and the callback URL for gateways that take only one."""
    address = addresses.shared_callback("http") if "http" in services.names() else ""
    return page(
        "sms_gateway/drivers.html",
        "drivers",
        drivers=services.states(),
        address=address,
        tallies=services.tallies(now=now()),
        payload=services.payload(),
    )


@bp.route("/dlr/<driver>/<uid>/<int:attempt>/<mac>", methods=["GET", "POST"])
@allow("machine")
def dlr(driver: str, uid: str, attempt: int, mac: str) -> Response:
    """Receive a report on one attempt: idempotent, in any order; a forged URL is 401 (F21, S55)."""
    if driver not in services.DRIVERS or not addresses.is_ours(mac, driver, uid, str(attempt)):
        return _answer("no", 401)
    return _receive(partial(services.apply, driver, uid, attempt))


@bp.route("/dlr/<driver>/<mac>", methods=["GET", "POST"])
@allow("machine")
def standing_dlr(driver: str, mac: str) -> Response:
    """Receive a report from a gateway that has one callback URL for all texts, and its own reference for each."""
    if driver not in services.DRIVERS or not addresses.is_ours(mac, driver):
        return _answer("no", 401)
    return _receive(partial(services.apply_by_reference, driver))


def _receive(apply: Callable[..., None]) -> Response:
    try:
        found = reports.read(request)
    except ValueError as error:
        return json_answer({"status": 400, "error": str(error), "fields": {}}, 400)
    for report in found:
        apply(report, now=now())
    return _answer("ok", 200)


def _answer(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
