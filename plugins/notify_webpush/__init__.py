"""Notices on the phone (web push)

Tells people on their own phone that their turn is near, that it is their turn, or that a prescription is ready, also
while the phone sleeps. Whoever wants it switches it on beside the waiting page. An SMS goes out only when the phone has
not shown the notice within some seconds.

Notices go through the push service of the browser's maker, encrypted for that browser; they name nobody. The privacy
notice says so while this plugin is on. It needs https.
"""

from flask import Blueprint

from portal.api import clock, plugin
from portal.api.base import gettext as _
from portal.api.clinic import READY
from portal.api.storage import SealedField, SealedJSONField
from portal.contracts import Action, Message, PluginSettings, Shown, VisitFact
from portal.hookspecs import hookimpl

from . import notices, views
from .models import PushKey, Subscription
from .settings import Settings

LOOPBACK = ("http://127.0.0.1", "http://localhost")


@hookimpl
def settings_schema() -> type[PluginSettings]:
    """Return the settings: the wait before an SMS, and the push services."""
    return Settings


@hookimpl
def sealed_columns() -> list[SealedField | SealedJSONField]:
    """Return the columns with our key, and with the addresses of browsers."""
    return [PushKey.private, Subscription.address]


@hookimpl
def self_test() -> list[str]:
    """Browsers take notices from https alone, and from the machine itself."""
    if plugin.public_address().startswith(("https://", *LOOPBACK)):
        return []
    return [_("Browsers take notices only from an address that begins with https://.")]


@hookimpl
def blueprint() -> Blueprint:
    """Return the pages: the switch, the service worker, its page without internet, what the worker tells us."""
    return views.bp


@hookimpl
def show_message(message: Message) -> Shown | None:
    """Push a notice to the phones of this mobile, and say whether one has shown it."""
    return notices.show(message, now=clock.now())


@hookimpl
def visit_actions(visit: VisitFact, state: str, role: str) -> list[Action]:
    """Offer the switch beside the waiting page."""
    if role != "beneficiary" or state not in READY:
        return []
    note = _("This phone can tell you when it is your turn, also while it sleeps.")
    return [Action(_("Notices on this phone"), f"/x/notify_webpush/on/{visit.uid}", note)]
