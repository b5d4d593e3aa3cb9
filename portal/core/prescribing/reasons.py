"""The reason of a correction or a cancelling, as it is printed and read by patient and pharmacist."""

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import clean

LIMIT = 200


def read(text: str) -> str:
    """Read a typed reason in one line. Raises Invalid when it is missing or too long."""
    reason = " ".join(clean(text).split())
    if not reason:
        raise Invalid({"reason": _("Say why; the patient and the pharmacist read it.")})
    if len(reason) > LIMIT:
        raise Invalid({"reason": _("Write at most %(limit)s characters here.", limit=LIMIT)})
    return reason
