"""Actions of the plugin on a visit's page."""

from portal.api.base import gettext as _
from portal.api.clinic import READY
from portal.contracts import Action, VisitFact

from . import chat, checks
from .rooms import PROVIDER


def of_visit(visit: VisitFact, state: str, role: str) -> list[Action]:
    """List the actions: for the patient the check until the call; for the doctor its result; for both the chat."""
    if role == "doctor":
        return _result(visit.uid) + _typed(visit.uid)
    return _check(visit.uid) if state in READY else _typed(visit.uid)


def _check(visit_uid: str) -> list[Action]:
    note = _("Try camera, sound and internet while you wait. It takes less than a minute, and you keep your place.")
    return [Action(_("Check camera and sound"), f"/x/{PROVIDER}/check/{visit_uid}", note)]


def _result(visit_uid: str) -> list[Action]:
    row = checks.result_of(visit_uid)
    if row is None:
        return []
    troubles = checks.troubles(row)
    note = _("Found before the call: %(troubles)s", troubles=troubles) if troubles else _("No trouble was found.")
    label, address = _("The patient's call check"), f"/x/{PROVIDER}/check/{visit_uid}"
    return [Action(label, address, note, "warn" if troubles else "success")]


def _typed(visit_uid: str) -> list[Action]:
    count = len(chat.lines_of(visit_uid))
    note = _("Messages written: %(count)s", count=count)
    return [Action(_("Messages of the call"), f"/x/{PROVIDER}/chat/{visit_uid}", note)] if count else []
