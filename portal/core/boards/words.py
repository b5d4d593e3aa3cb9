"""The states of a visit and the reasons for priority, in the words people read."""

from portal.base.language import gettext as _


def state_words() -> dict[str, str]:
    """Each state's word in the reader's language."""
    return {
        "waiting": _("Waiting"),
        "called": _("Called"),
        "in_call": _("With the doctor"),
        "writing": _("Prescription being written"),
        "awaiting_recall": _("Place kept, to be called again"),
        "completed": _("Completed"),
        "no_show": _("No consultation"),
        "cancelled": _("Given up"),
        "expired": _("Not seen by the doctor"),
        "transferred": _("Sent to another doctor"),
        "carried": _("Moved to another day"),
    }


def priority_words() -> dict[str, str]:
    """Each reason for priority, in the reader's language."""
    return {"urgent": _("Urgent"), "age": _("Senior"), "disability": _("Disability")}
