"""Words for messages on the pages of those who look after them."""

from portal.core.language import gettext as _


def kinds() -> dict[str, str]:
    """The kinds of messages in words."""
    return {
        "otp": _("One-time password"), "registered": _("Registration"), "token": _("Token"),
        "near_turn": _("Turn is near"), "your_turn": _("It is your turn"), "missed_call": _("Missed call"),
        "no_show": _("Not reached"),
        "prescription": _("Prescription ready"), "session_cancelled": _("Token cancelled"),
        "plugin_failed": _("A plugin fails"),
        "transferred": _("Sent to another doctor"), "not_held": _("Closed without a consultation"),
        "announcement": _("Announcement"), "test": _("Test message"),
    }  # fmt: skip
