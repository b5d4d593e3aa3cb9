"""Switching a channel on and off, from the page of messages."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.messages.channels import services
from portal.core.messages.optout_views import bp
from portal.web.access import actor, allow
from portal.web.pages import see_other


@bp.post("/messages/channels/<plugin>/<channel>/on")
@allow("beneficiary")
def choose_channel(plugin: str, channel: str) -> ResponseReturnValue:
    """Ask for a channel."""
    services.choose(account(), plugin, channel, by=actor(), now=now())
    flash(_("Switched on. You can take it back here at any time."), "success")
    return see_other(url_for("messages.wanted"))


@bp.post("/messages/channels/<plugin>/<channel>/off")
@allow("beneficiary")
def leave_channel(plugin: str, channel: str) -> ResponseReturnValue:
    """Leave a channel."""
    services.leave(account(), plugin, channel, by=actor(), now=now())
    flash(_("Switched off. Messages come by SMS alone."), "success")
    return see_other(url_for("messages.wanted"))
