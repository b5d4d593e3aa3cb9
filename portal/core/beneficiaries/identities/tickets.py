"""Signed tickets that carry a claim through the question for a code: nothing is stored before it is verified."""

from portal.base import signed
from portal.base.errors import Invalid
from portal.base.language import gettext as _

PURPOSE = "identity step"


def write_ticket(person: str, plugin: str, number: str, reference: str) -> str:
    """Sign a claim, for a hidden field."""
    return signed.write(PURPOSE, person, plugin, number, reference)


def read_ticket(text: str, person: str, plugin: str) -> tuple[str, str]:
    """Return number and reference. Raises Invalid for a ticket that is not of this person and plugin."""
    parts = signed.read(PURPOSE, text)
    if parts is None or len(parts) != 4 or parts[:2] != (person, plugin):
        raise Invalid({"": _("This step was not begun here. Give the number again.")})
    return parts[2], parts[3]
