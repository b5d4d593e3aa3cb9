"""Names of states and kinds on the bridge's pages."""

from portal.api.base import gettext as _


def kinds() -> dict[str, str]:
    """Return the names of documents and updates."""
    return {
        "prescription": _("Prescription"),
        "visit": _("Consultation"),
        "dispensing": _("Medicines given"),
        "referral": _("Referral"),
        "outcome": _("Outcome of a hand-over"),
        "unknown": _("Unknown"),
    }


def states() -> dict[str, str]:
    """Return the names of the states of documents, updates and hand-overs."""
    return {
        "waiting": _("Waiting"),
        "sent": _("Sent"),
        "dead": _("Refused"),
        "dropped": _("Consent withdrawn"),
        "applied": _("Taken over"),
        "parked": _("Parked"),
        "conflict": _("Contradiction"),
        "closed": _("Closed"),
        "begun": _("Begun"),
        "launched": _("Handed over"),
        "failed": _("Failed"),
        "ended": _("Ended"),
    }


def chips() -> dict[str, str]:
    """Map each state to its chip of the design system."""
    return {
        "waiting": "queued",
        "sent": "sent",
        "dead": "failed",
        "dropped": "off",
        "applied": "ok",
        "parked": "held",
        "conflict": "problem",
        "closed": "off",
        "begun": "queued",
        "launched": "sent",
        "failed": "failed",
        "ended": "ok",
    }
