"""Words of consents and cases, for the pages of families and of officers."""

from portal.base.language import gettext as _
from portal.core.beneficiaries.consents import CONSULTATION, REGISTRATION, SHARING, is_whole
from portal.core.beneficiaries.models import Consent
from portal.core.rights.models import ANSWERED, CORRECTION, DONE, ERASURE, GRIEVANCE, NEW, REFUSED, WORKING


def purpose_of(consent: Consent) -> str:
    """Return what this consent is for, as its text named it; a plugin's purpose is shown as stored."""
    if not is_whole(consent):
        return _("My prescriptions and notes are sent to the connected health-record system")
    named = {
        REGISTRATION: _("My data is kept and used for the tele-consultation"),
        CONSULTATION: _("I am treated by telephone or video, and the doctor sees my records"),
        SHARING: _("My prescriptions, notes and medicines given are sent to the connected health-record system"),
    }
    return named.get(consent.purpose, consent.purpose)


def effects() -> dict[str, str]:
    """Return what follows from withdrawing each consent."""
    return {
        REGISTRATION: _("After that no token can be taken. The medical record is kept as the law asks."),
        CONSULTATION: _("It is asked again with each token."),
        SHARING: _("What was sent before stays there; nothing more is sent."),
    }


def kinds() -> dict[str, str]:
    """Return the kinds of cases."""
    return {
        GRIEVANCE: _("Grievance"),
        CORRECTION: _("Correction of data"),
        ERASURE: _("Deletion of data"),
    }


def states() -> dict[str, str]:
    """Return the states of cases."""
    return {NEW: _("Received"), WORKING: _("Being looked into"), ANSWERED: _("Answered")}


def outcomes() -> dict[str, str]:
    """Return how a case was answered."""
    return {DONE: _("Settled as asked"), REFUSED: _("Not possible, with the reason")}


def steps() -> dict[str, str]:
    """Return what happened to a case."""
    return {
        "asked": _("The family wrote"),
        "added": _("The family added"),
        WORKING: _("The clinic looks into it"),
        ANSWERED: _("The clinic answered"),
    }
