"""Words for referrals and their states, in the reader's language."""

from datetime import date

from portal.base.language import gettext as _
from portal.base.language import show_date


def states() -> dict[str, str]:
    """Return the names of a referral's states."""
    return {"valid": _("Valid"), "used": _("Used up"), "expired": _("Expired"), "cancelled": _("Withdrawn")}


def request_states() -> dict[str, str]:
    """Return the names of a request's states."""
    return {
        "open": _("waits for an answer"),
        "referred": _("referred"),
        "declined": _("answered without a referral"),
        "withdrawn": _("Withdrawn"),
    }


def left_until(left: int, total: int, until: date) -> str:
    """Say until when and for how many consultations a referral holds."""
    return _("until %(day)s, %(left)s of %(total)s consultations left", day=show_date(until), left=left, total=total)
