"""Where gateways tell what became of a text, and how the drivers are doing.

A report's address is its proof: it is signed for one try of one text.
"""

import json
from collections.abc import Mapping

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.contracts import NavItem
from portal.core.clock import now
from portal.core.language import gettext as _
from portal.web.access import allow
from portal.web.pages import page
from portal.web.security import csrf

from . import addresses, services

bp = Blueprint("sms_gateway", __name__, template_folder="templates")
csrf.exempt(bp)  # gateways have no forms of ours
LONGEST = 300  # characters of a value
MOST = 200  # reports of one text in one request


def nav_items(role: str) -> list[NavItem]:
    """The drivers' page, for the administrator."""
    admin = frozenset({"admin"})
    return [NavItem(_("SMS drivers"), url_for("sms_gateway.drivers"), admin)] if role in admin else []


@bp.get("/drivers")
@allow("admin")
def drivers() -> ResponseReturnValue:
    """Which driver rests, since when and why; and the address for gateways that take only one."""
    address = addresses.standing("http") if "http" in services.names() else ""
    return page("sms_gateway/drivers.html", "drivers", drivers=services.states(), address=address)


@bp.route("/dlr/<driver>/<uid>/<int:attempt>/<mac>", methods=["GET", "POST"])
@allow("machine")
def dlr(driver: str, uid: str, attempt: int, mac: str) -> Response:
    """A report on one try: again, late and out of order does no harm, and a forged address is refused (F21, S55)."""
    if driver not in services.DRIVERS or not addresses.is_ours(mac, driver, uid, str(attempt)):
        return _answer("no", 401)
    services.hear(driver, uid, attempt, _values(), now=now())
    return _answer("ok", 200)


@bp.route("/dlr/<driver>/<mac>", methods=["GET", "POST"])
@allow("machine")
def standing_dlr(driver: str, mac: str) -> Response:
    """A report from a gateway that has one address for all texts, and its own number for each."""
    if driver not in services.DRIVERS or not addresses.is_ours(mac, driver):
        return _answer("no", 401)
    for report in _reports():
        services.hear_by_reference(driver, report, now=now())
    return _answer("ok", 200)


def _reports() -> list[dict[str, str]]:
    """One report, or many in a request: MSG91 sends a list of texts with a list of reports each in a field `data`."""
    body = request.get_json(silent=True) if request.is_json else _json(request.values.get("data", ""))
    found: list[dict[str, str]] = []
    for text in body if isinstance(body, list) else [body]:
        if not isinstance(text, dict):
            continue
        reports = text.get("report")
        for report in reports[:MOST] if isinstance(reports, list) else []:
            if isinstance(report, dict):
                found.append(_plain({**text, **report}))
    return found or [_values()]


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _plain(fields: Mapping[object, object]) -> dict[str, str]:
    return {str(name): str(value)[:LONGEST] for name, value in fields.items() if not isinstance(value, list | dict)}


def _values() -> dict[str, str]:
    """The report's fields, wherever they stand: query, form or a flat JSON object."""
    body = request.get_json(silent=True) if request.is_json else None
    plain = {str(name): str(value) for name, value in body.items()} if isinstance(body, dict) else {}
    return {name: value[:LONGEST] for name, value in {**request.values.to_dict(), **plain}.items()}


def _answer(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
