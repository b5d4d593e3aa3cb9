"""Who attended a consultation besides the doctor: the patient, a caregiver, the adult of a minor (TPG 2020).

A minor is seen only together with an adult whose identity is known (domain.md 1.3); who calls for somebody else gives
explicit consent, which is kept (domain.md 1.4).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import plain

ADULT_FROM = 18
PATIENT, CAREGIVER = "patient", "caregiver"
PRESENT = (PATIENT, CAREGIVER)
ADULT_LIMITS = {"name": 120, "relation": 60, "identity": 60}

_NUMBER = re.compile(r"(?:[0-9][\s-]?){4}")


@dataclass(frozen=True)
class Attending:
    """Who was present, as the doctor typed it: `present` is patient, caregiver, or "" when nobody said.

    `name`, `relation` and `identity` (a kind of document, never its number) are of the adult. `consent`: the adult
    agreed aloud to the consultation.
    """

    present: str = ""
    name: str = ""
    relation: str = ""
    identity: str = ""
    consent: bool = False

    @property
    def adult(self) -> dict[str, str]:
        """Name, relation and kind of identity of the adult."""
        return {part: getattr(self, part) for part in ADULT_LIMITS}

    def as_form(self) -> dict[str, str]:
        """Format for the form, a text for each control."""
        named = {f"guardian-{part}": text for part, text in self.adult.items()}
        return {"present": self.present, **named, "consent": "yes" if self.consent else ""}


def read(form: Mapping[str, str], text: Callable[[str, int], str]) -> Attending:
    """Read the fields of a posted form; `text` reads one of at most so many characters. Raises Invalid."""
    present = form.get("present", "")
    if present not in ("", *PRESENT):
        raise Invalid({"present": _("Choose one of the list.")})
    adult = {part: text(f"guardian-{part}", limit) for part, limit in ADULT_LIMITS.items()}
    return Attending(present, **adult, consent=form.get("consent") == "yes")


def is_minor(age: int | None) -> bool:
    """Tell whether somebody of this age needs an adult; an unknown age does not."""
    return age is not None and age < ADULT_FROM


def missing(attending: Attending, age: int | None) -> dict[str, str]:
    """Return a sentence for each field that is missing: for a minor, or when a caregiver speaks for an adult."""
    minor = is_minor(age)
    if not minor and attending.present != CAREGIVER:
        return {}
    sentences = {
        "present": _("Say who was present."),
        "guardian-name": _minor_alone() if minor else _("Give the caregiver's name."),
        "guardian-relation": _("Say who this is to the patient, such as mother or son."),
        "consent": _("Ask the adult whether the consultation may be held, then tick this."),
    }
    if minor:
        sentences["guardian-identity"] = _("Say by what you know the adult, such as CGHS card or Aadhaar.")
    given = attending.as_form()
    found = {name: sentence for name, sentence in sentences.items() if not given[name]}
    if _NUMBER.search(plain(attending.identity)):
        found["guardian-identity"] = _("Give only the kind of document; its number is not kept.")
    return found


def stored(attending: Attending) -> dict[str, str]:
    """Serialise the adult for the draft; nothing when nobody is named."""
    return attending.adult if any(attending.adult.values()) else {}


def _minor_alone() -> str:
    return _(
        "Give the adult's name: a minor is seen only together with an adult (Telemedicine Practice Guidelines 2020, "
        "patient identification)."
    )
