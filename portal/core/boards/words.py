"""The states of a visit and the reasons for priority, in the words people read."""

import re

from portal.base.language import gettext as _
from portal.core.visits.states import (
    AWAY,
    BACK_TO,
    CLOSED,
    MISSED,
    NEVER_COMPLETED,
    OTHER,
    SILENT,
    UNANSWERED,
    WITHDRAWN,
)

_NUMBERED = re.compile(rf"{MISSED}(\d+)|{BACK_TO}([A-Z0-9]+-\d+)")


def state_words() -> dict[str, str]:
    """Return the word for each state, in the current language."""
    return {
        "waiting": _("Waiting"),
        "called": _("Called"),
        "in_call": _("With the doctor"),
        "writing": _("Prescription being written"),
        "awaiting_recall": _("Place kept, to be called again"),
        "completed": _("Completed"),
        "no_show": _("No consultation"),
        "cancelled": _("Given up"),
        WITHDRAWN: _("Withdrawn"),
        "expired": _("Not seen by the doctor"),
        "transferred": _("Sent to another doctor"),
        "carried": _("Moved to another day"),
    }


def priority_words() -> dict[str, str]:
    """Return the word for each reason of priority, in the current language."""
    return {"urgent": _("Urgent"), "age": _("Senior"), "disability": _("Disability")}


def reason_words() -> dict[str, str]:
    """Return the words for each reason why there was no consultation, in the current language."""
    return {
        "unreachable": _("Patient not reachable"),
        "wrong_specialty": _("Wrong specialty"),
        "technical": _("Technical problem"),
        "left": _("Patient left"),
        "hospital": _("Sent to a hospital"),
        "identity": _("Not the person of the token"),
        OTHER: _("Other reason"),
    }


def own_reason(stored: str) -> str:
    """Translate a reason the portal stored; return free text unchanged."""
    if found := _NUMBERED.fullmatch(stored):
        number, token = found.groups()
        return _("missed call %(number)s", number=number) if number else _("back to %(token)s", token=token)
    words = {
        # What the buttons of the consult page send.
        "no answer": _("no answer"),
        "call finished": _("call finished"),
        "call broken off": _("call broken off"),
        # What sweeps, leave and closing write.
        UNANSWERED: _("not answered"),
        NEVER_COMPLETED: _("never completed"),
        SILENT: _("doctor's page is silent"),
        AWAY: _("the doctor is away"),
        CLOSED: _("the clinic has closed"),
    }
    return words.get(stored, stored)
