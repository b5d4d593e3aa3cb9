"""Pages for everyone: front page, help, privacy, accessibility; the language switch."""

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue

from portal.base import language
from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.plugin_host.fallbacks import can_send
from portal.plugin_host.registry import registry
from portal.settings.clinic import ClinicHours, PageWords, ReferralRules, RightsRules
from portal.web.access import allow
from portal.web.assets import asset
from portal.web.pages import json_answer, own_path, page

bp = Blueprint("public", __name__)
DAY = 24 * 3600
YEAR = 365 * DAY


@bp.get("/")
@allow("anyone")
def front() -> ResponseReturnValue:
    """Front page."""
    clinic = ClinicHours.in_force()
    hours = f"{clinic.opens_at:%H:%M} – {clinic.closes_at:%H:%M}"
    if clinic.demo_all_day:
        hours = _("open all day in this demonstration")
    return page("public/front.html", hours=hours, sign_in_open=can_send(registry()))


@bp.get("/help")
@allow("anyone")
def help_page() -> ResponseReturnValue:
    """Help page."""
    return page("public/help.html", referral_exempt_age=ReferralRules.in_force().referral_exempt_age)


@bp.get("/privacy")
@allow("anyone")
def privacy() -> ResponseReturnValue:
    """The privacy notice (DPDP Rules 2025, rule 3)."""
    rules = RightsRules.in_force()
    return page(
        "public/privacy.html",
        years=rules.retain_clinical_years,
        child_until=rules.retain_child_until,
        shows_notices=bool(registry().implementations("show_message")),
    )


@bp.get("/accessibility")
@allow("anyone")
def accessibility() -> ResponseReturnValue:
    """The accessibility statement (GIGW 3.0)."""
    return page("public/accessibility.html", grievance_email=PageWords.in_force().grievance_email)


@bp.get("/app.webmanifest")
@allow("anyone")
def manifest() -> ResponseReturnValue:
    """Say how the portal looks on a home screen. The same for everybody, so that browsers keep it for a day."""
    kind = {"type": "image/png", "purpose": "any maskable"}
    icons = [{"src": asset(f"icons/icon-{size}.png"), "sizes": f"{size}x{size}"} | kind for size in (192, 512)]
    said = {"name": _("Paramarsh") + " · " + _("Tele-consultation OPD"), "short_name": _("Paramarsh")}
    opened = {"id": "/home", "start_url": "/home", "scope": "/", "display": "standalone"}
    colours = {"background_color": "#ffffff", "theme_color": "#0b5550"}
    response = json_answer(said | opened | colours | {"lang": language.current(), "icons": icons})
    response.headers["Content-Type"] = "application/manifest+json"
    response.headers["Cache-Control"] = f"private, max-age={DAY}"
    return response


@bp.get("/lang/<code>")
@allow("anyone")
def choose(code: str) -> ResponseReturnValue:
    """Store the language in a cookie and redirect back."""
    if code not in language.LANGUAGES:
        raise NotFound
    response = make_response(redirect(own_path(request.args.get("next", "/")), 303))
    response.set_cookie("lang", code, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
