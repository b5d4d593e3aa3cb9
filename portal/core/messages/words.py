"""Names of message states and outcomes for the staff's pages."""

from datetime import datetime

from portal.base import language
from portal.base.language import gettext as _
from portal.core.messages.models import MessageDelivered, MessageFailed, MessageResent, PatientPhoned

WORKER_STOPPED = "the worker stopped; it is not known whether this was sent"


def states() -> dict[str, str]:
    """Return the names of the message states."""
    return {
        "new": _("queued"),
        "leased": _("being sent"),
        "accepted": _("accepted"),
        "sent": _("sent"),
        "delivered": _("delivered"),
        "failed": _("failed"),
        "unknown": _("not known whether sent"),
        "expired": _("out of date"),
        "phone": _("to be phoned"),
    }


def errors() -> dict[str, str]:
    """Return the translations of the portal's own errors; an operator's stay as they came."""
    return {WORKER_STOPPED: _("the worker stopped; it is not known whether this was sent")}


def calls() -> dict[str, str]:
    """Return the names of the outcomes of a phone call."""
    return {
        "reached": _("Reached"),
        "not_reached": _("Not reached"),
        "wrong_number": _("Wrong number"),
    }


def deeds() -> dict[str, str]:
    """Return the names of audited actions on a message."""
    return {
        MessageDelivered.name: _("The operator says: delivered"),
        MessageFailed.name: _("Failed for good"),
        MessageResent.name: _("Sent again"),
        "NumberShown": _("Number looked at"),
        PatientPhoned.name: _("Phoned"),
    }


def sort_of(state: str) -> str:
    """Return the state whose colour to use (chips of docs/design-system.md)."""
    like = {
        "new": "queued",
        "leased": "sending",
        "accepted": "sent",
        "expired": "lapsed",
        "phone": "held",
        "unknown": "held",
    }
    return like.get(state, state)


def exact(moment: datetime) -> str:
    """Format date and time to the second, in IST."""
    return language.show_second(moment)
