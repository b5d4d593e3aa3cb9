"""Where gateways tell what became of a text, and how the drivers are doing.

A report's address is its proof: it is signed for one try of one text.
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
csrf.exempt(bp)  # gateways have no forms of ours


def nav_items(role: str) -> list[NavItem]:
    """The drivers' page, for the administrator."""
    admin = frozenset({"admin"})
    return [NavItem(_("SMS drivers"), url_for("sms_gateway.drivers"), admin)] if role in admin else []


@bp.get("/drivers")
@allow("admin")
def drivers() -> ResponseReturnValue:
    """Which driver rests, since when and why; what came of its texts; the address for gateways that take only one."""
    address = addresses.standing("http") if "http" in services.names() else ""
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
    """A report on one try: again, late and out of order does no harm, and a forged address is refused (F21, S55)."""
    if driver not in services.DRIVERS or not addresses.is_ours(mac, driver, uid, str(attempt)):
        return _answer("no", 401)
    return _heard(partial(services.hear, driver, uid, attempt))


@bp.route("/dlr/<driver>/<mac>", methods=["GET", "POST"])
@allow("machine")
def standing_dlr(driver: str, mac: str) -> Response:
    """A report from a gateway that has one address for all texts, and its own number for each."""
    if driver not in services.DRIVERS or not addresses.is_ours(mac, driver):
        return _answer("no", 401)
    return _heard(partial(services.hear_by_reference, driver))


def _heard(hear: Callable[..., None]) -> Response:
    try:
        found = reports.read(request)
    except ValueError as error:
        return json_answer({"status": 400, "error": str(error), "fields": {}}, 400)
    for report in found:
        hear(report, now=now())
    return _answer("ok", 200)


def _answer(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
