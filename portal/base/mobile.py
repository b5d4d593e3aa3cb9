"""Indian mobile numbers: parsed from many spellings, stored in one (E.164, +919876543210)."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from portal.base.language import gettext as _

# Spaces, dashes, dots, brackets, and the invisible characters that are copied along from a chat.
_SEPARATORS = re.compile(r"[\s\-‐-―−.()\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_WRITTEN = re.compile(r"\+?[0-9]{10,14}")
_MOBILE_KINDS = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def normalise(text: str) -> str:
    """Normalise a number to +91 and ten digits. Raises ValueError with the reason when it is no Indian mobile."""
    digits = _SEPARATORS.sub("", "".join(map(_plain, text)))
    if not _WRITTEN.fullmatch(digits):
        raise ValueError(_("Give a mobile number of 10 digits."))
    try:
        number = phonenumbers.parse(digits, "IN")
    except NumberParseException as error:
        raise ValueError(_("Give a mobile number of 10 digits.")) from error
    if number.country_code != 91:
        raise ValueError(_("Give an Indian mobile number; numbers of other countries get no messages."))
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _MOBILE_KINDS:
        raise ValueError(_("This is not an Indian mobile number. Give its 10 digits; landlines get no messages."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def mask(mobile: str) -> str:
    """Mask a number as 98xxxxxx10: enough to recognise one's own, too little to call it."""
    national = mobile.removeprefix("+91")
    if len(national) < 6:
        return "x" * len(national)
    return national[:2] + "x" * (len(national) - 4) + national[-2:]


def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return unicodedata.normalize("NFKC", character) if digit is None else str(digit)
