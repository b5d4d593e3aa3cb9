"""Eligibility

Asks the scheme's eligibility service before a token is given. A card that has expired or is not paid for gets no token
but a sentence that says what to do. Urgent tokens are given at once, and all of them while the service is down.
"""

from datetime import datetime

from flask import Blueprint

from portal.api import plugin
from portal.api.base import gettext as _
from portal.contracts import HealthCheck, PluginSettings, Refusal, TokenWish
from portal.hookspecs import hookimpl

from . import service, views
from .settings import EligibilitySettings

NAME = "paramarsh_eligibility"


@hookimpl
def api_version() -> str:
    """Return the version of the plugin API that this was written for."""
    return "1.0"


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings model."""
    return EligibilitySettings


@hookimpl
def blueprint() -> Blueprint:
    """Return the page that says where to go."""
    return views.bp


@hookimpl
def token_gate(wish: TokenWish, now: datetime) -> Refusal | None:
    """Refuse a token when the service says that the card is not eligible."""
    reason = service.reason_against(wish.ben_id, wish.specialty, plugin.settings(NAME, EligibilitySettings))
    return Refusal(views.words(reason), f"/x/{NAME}/", _("What to do now")) if reason else None


@hookimpl
def health_checks() -> list[HealthCheck]:
    """Check that the service answers."""
    settings = plugin.settings(NAME, EligibilitySettings)
    return [HealthCheck("eligibility service", lambda: service.check(settings))]
