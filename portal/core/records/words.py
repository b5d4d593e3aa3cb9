"""Words for patients and doctors about a record, and what to do next."""

from portal.base.language import gettext as _
from portal.core.records.cleaning import outcome
from portal.core.records.models import UNSCANNED, Record


def state_of(record: Record) -> str:
    """Name the state, for the family."""
    return {
        "checking": _("being checked"),
        "ready": _("the doctor can open it"),
        "partial": _("the doctor cannot see all of it"),
        "locked": _("locked with a password"),
        "refused": _("cannot be used"),
    }[record.state]


def before_doctor(record: Record) -> str:
    """Name for the doctor the state of a record that cannot be opened."""
    if record.state == "checking":
        return _("being checked")
    if record.state != "locked":
        return _("cannot be used")
    if record.given_by_id is not None:
        return _("locked with a password; please give it without one")
    return _("locked with a password; the patient is asked for it")


def reasons(record: Record) -> list[str]:
    """Give a sentence for each reason why the doctor cannot simply open a record."""
    if record.state == "refused":
        return [_refusal(record.refusal)]
    if record.state == "checking" and record.refusal == UNSCANNED:
        return [_("The virus scanner does not answer just now. The file waits, and nobody can open it until then.")]
    if record.state == "locked":
        return [_("The file asks for a password.")]
    known = _remarks()
    return [known[remark] for remark in record.remarks.split() if remark in known]


def advice(record: Record, *, may_add: bool) -> str:
    """Say what the family can do about it; once the visit takes no files any more, no other one is asked for."""
    if record.given_by_id is not None:
        return ""
    if not may_add:
        is_locked = record.state == "locked"
        return _("Type its password here (laboratories often use the birth date).") if is_locked else ""
    if record.state == "refused" and record.refusal == "damaged":
        return _("Please send the file again, or take a photograph of the page.")
    if record.state in {"refused", "partial"}:
        return _("Please also send a photograph of the page.")
    if record.state == "locked":
        return _("Type its password here (laboratories often use the birth date), or send a photograph of the page.")
    return ""


def _refusal(word: str) -> str:
    return {
        "damaged": _("A part of the file is missing; perhaps it was cut off on its way."),
        "too_large": _("The picture is too large to be opened here."),
        "too_long": _("The document has too many pages to be made safe."),
        "infected": _("A virus was found in the file."),
        "no_picture": _("The file holds no picture, only data of the machine."),
        "unknown_scan": _("The scan is packed in a way that cannot be opened here."),
        "missing": _("The file is no longer there."),
    }.get(word, _("The file could not be made safe."))


def _remarks() -> dict[str, str]:
    return {
        outcome.PICTURES: _("Shown as pictures."),
        outcome.DAMAGED: _("A part of the file is damaged and is not shown."),
        outcome.ATTACHED: _("Other files inside this file were left out."),
        outcome.COMMENTS: _("Comments in the file that open with a click are not shown."),
        outcome.FRAMES: _("The file has several pictures; only the first is shown."),
        outcome.SCAN: _("A scan shown as a picture: for looking, not for measuring."),
        outcome.FORM: _("What was filled into its form may not be shown."),
    }
