"""Words of imports: fields of the register, kinds of rows, states, reasons."""

from portal.base.language import gettext as _
from portal.core.register import models


def field_words() -> dict[str, str]:
    """Name the fields of the register."""
    return {
        "ben_id": _("Ben ID"),
        "name": _("Name in English"),
        "name_hi": _("Name in Hindi"),
        "gender": _("Gender"),
        "date_of_birth": _("Date of birth"),
        "mobile": _("Mobile number"),
        "centre": _("Wellness Centre"),
        "disability": _("Disability"),
        "has_disability": _("Disability"),
        "left_on": _("No longer in the scheme since"),
    }


def kind_words() -> dict[str, str]:
    """Name the kinds of rows."""
    return {
        models.NEW: _("New"),
        models.CHANGED: _("Changed"),
        models.GONE: _("Not in the file"),
        models.REFUSED: _("Refused"),
        models.SAME: _("The same"),
        models.KEPT: _("Left as they are"),
    }


def state_words() -> dict[str, str]:
    """Name the states of an import."""
    return {
        models.COLUMNS: _("columns to be chosen"),
        models.READING: _("being read"),
        models.COMPARING: _("being compared"),
        models.READY: _("waits for your confirmation"),
        models.APPLYING: _("being written"),
        models.DONE: _("done"),
        models.UNDOING: _("being undone"),
        models.UNDONE: _("undone"),
        models.OPENING: _("being opened"),
        models.FAILED: _("could not be read"),
    }


def reason_words() -> dict[str, str]:
    """Say why a row was left as it is."""
    return {
        models.CHANGED_SINCE: _("The register has changed since: it holds something else now."),
        models.IN_USE: _("The person is registered on the portal, or was referred."),
        models.THERE: _("The person was added in the meantime."),
    }
