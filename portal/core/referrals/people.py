"""Finding people of a medical officer's centre by name in either script, Ben ID, patient ID or mobile."""

import functools
import operator
import unicodedata
from dataclasses import dataclass

import peewee

from portal.base import typed
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.mobile import normalise
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.beneficiaries.services import ben_id_of
from portal.core.clinic.models import Centre

SHORTEST, LONGEST = 2, 60
SHOWN = 25
SEPARATORS = str.maketrans("", "", "+-.()")


@dataclass(frozen=True)
class Found:
    """The people who match what was typed. `is_exact`: it is the whole Ben ID of the one; `more`: others match too."""

    people: list[RegisterEntry]
    is_exact: bool = False
    more: bool = False


NOBODY = Found([])


def matching(text: str) -> peewee.Expression | None:
    """Return the condition of register entries that match; None when there is too little to search by."""
    words = _cleaned(text).split()
    digits = "".join(words).translate(SEPARATORS)
    if digits.isascii() and digits.isdigit():
        return _by_number(digits)
    if max((len(word) for word in words), default=0) < SHORTEST:
        return None
    return functools.reduce(operator.and_, [_named(word) for word in words])


def find_people(officer: Staff, text: str) -> Found:
    """Find people of the officer's centre; an exact Ben ID finds that one alone."""
    one = of_ben_id(officer, text)
    if one is not None:
        return Found([one], is_exact=True)
    condition = matching(text)
    if condition is None:
        return NOBODY
    rows = RegisterEntry.select(RegisterEntry, Centre).join(Centre).where(condition & _own(officer))
    people = list(rows.order_by(RegisterEntry.name, RegisterEntry.id).limit(SHOWN + 1))
    return Found(people[:SHOWN], more=len(people) > SHOWN)


def of_ben_id(officer: Staff, text: str) -> RegisterEntry | None:
    """Return the person of the officer's centre with this whole Ben ID, or None."""
    found: RegisterEntry | None = RegisterEntry.get_or_none((RegisterEntry.ben_id == ben_id_of(text)) & _own(officer))
    return found


def chosen_person(officer: Staff, text: str, chosen: str) -> str:
    """Return the Ben ID of who is meant: the one typed as a whole, else the one `chosen` of those found.

    Raises Invalid on `ben_id` when nobody is found or none is chosen.
    """
    found = find_people(officer, text)
    if found.is_exact:
        return str(found.people[0].ben_id)
    if chosen in [entry.ben_id for entry in found.people]:
        return chosen
    if found.people:
        raise Invalid({"ben_id": _("Choose the person from the list.")})
    if ben_id_of(text) or not text.strip():
        raise Invalid({"ben_id": _("No beneficiary of your centre has this Ben ID. Please check the card.")})
    raise Invalid({"ben_id": _("Nobody of your centre was found. Type the Ben ID, the mobile number or the name.")})


def _own(officer: Staff) -> peewee.Expression:
    own: peewee.Expression = RegisterEntry.centre == officer.centre
    return own


def _by_number(digits: str) -> peewee.Expression:
    patients = Beneficiary.select(Beneficiary.entry).where(Beneficiary.patient_id == digits)
    found: peewee.Expression = (RegisterEntry.ben_id == digits) | RegisterEntry.id.in_(patients)
    try:
        return found | (RegisterEntry.mobile == normalise(digits))
    except ValueError:
        return found


def _named(word: str) -> peewee.Expression:
    """Return the condition that a word is part of the name; registers write a nukta composed or apart."""
    spellings = {unicodedata.normalize("NFC", word), _composed(word)}
    parts = [field.contains(each) for each in spellings for field in (RegisterEntry.name, RegisterEntry.name_hi)]
    return functools.reduce(operator.or_, parts)


def _composed(word: str) -> str:
    """Write the nukta letters as one character each, which NFC always takes apart (U+0958 to U+095F)."""
    for code in range(0x958, 0x960):
        word = word.replace(unicodedata.normalize("NFC", chr(code)), chr(code))
    return word


def _cleaned(text: str) -> str:
    return typed.plain_digits(typed.clean(text))[:LONGEST]
