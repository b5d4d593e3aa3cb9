"""ABHA number and address: optional, validated in format only.

No check digit of the ABHA number is published, so none is verified: a right number must never be refused.
"""

import re

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import plain_digits

# Letters and digits, one dot or underscore between; not beginning with a digit unless it is the number itself.
_NAME = re.compile(r"(?=.{4,64}$)([a-z][a-z0-9]*([._][a-z0-9]+)?|[0-9]{14})")
_DOMAINS = ("abdm", "sbx")


def normalise_number(text: str) -> str:
    """Normalise an ABHA number to 14 digits; "" stays "". Raises Invalid."""
    written = re.sub(r"[\s-]", "", text)
    digits = plain_digits(written)
    if digits and not re.fullmatch("[0-9]{14}", digits):
        raise Invalid({"abha_number": _("An ABHA number has 14 digits, such as 91-1234-5678-9012.")})
    return digits


def normalise_address(text: str) -> str:
    """Normalise an ABHA address such as name@abdm to lower case; "" stays "". Raises Invalid."""
    address = text.strip().lower()
    name, at, domain = address.partition("@")
    if address and not (at and domain in _DOMAINS and _NAME.fullmatch(name)):
        raise Invalid({"abha_address": _("An ABHA address looks like name@abdm.")})
    return address


def shown(number: str) -> str:
    """Format the number in groups, as on the card."""
    return "-".join((number[:2], number[2:6], number[6:10], number[10:])) if number else ""
