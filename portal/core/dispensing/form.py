"""Parser of the pharmacist's form: how much of what, in which brand, which indents, and who collects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.plain_text import LONGEST_NAME
from portal.base.typed import clean, plain_digits, whole
from portal.core.dispensing.substitution import problem_of
from portal.core.prescriptions.models import PrescribedItem

MOST_AT_ONCE = 999_999  # of one medicine, in tablets or other units
LONGEST_BRAND = LONGEST_REASON = 120
PARTS = ("quantity", "brand", "brand_reason")
_LAST4 = re.compile(r"[0-9A-Z]{4}")
Problems = dict[str, str]


@dataclass(frozen=True)
class Line:
    """So much of one medicine, in the prescribed brand or another one for a reason."""

    item: PrescribedItem
    quantity: int
    brand: str = ""
    brand_reason: str = ""


@dataclass(frozen=True)
class Collector:
    """Who collects: the patient, or a representative with name, kind and last four characters of the identity."""

    name: str = ""
    kind: str = ""
    last4: str = ""


@dataclass(frozen=True)
class Wanted:
    """All that the form asks for. `indents`: uids of those that are collected."""

    lines: tuple[Line, ...]
    indents: frozenset[str]
    collector: Collector


def identities() -> dict[str, str]:
    """Map the kinds of identity to their names."""
    return {
        "aadhaar": _("Aadhaar"),
        "cghs": _("CGHS card"),
        "voter": _("Voter card"),
        "licence": _("Driving licence"),
        "pan": _("PAN"),
        "passport": _("Passport"),
        "office": _("Office identity card"),
    }


def read(items: list[PrescribedItem], form: Mapping[str, str]) -> Wanted:
    """Parse the form of a sheet. Raises Invalid with a sentence for every wrong field."""
    problems: Problems = {}
    lines = quantities(items, form, problems)
    lines = tuple(_in_brand(line, form, problems) for line in lines)
    indents = frozenset(name.removeprefix("indent-") for name in form if name.startswith("indent-"))
    collector = _collector(form, problems)
    if not lines and not indents and not problems:
        problems[""] = _("Give the quantity of at least one medicine.")
    if problems:
        raise Invalid(problems)
    return Wanted(lines, indents, collector)


def quantities(items: list[PrescribedItem], form: Mapping[str, str], problems: Problems) -> tuple[Line, ...]:
    """Parse the quantities; lines without one are left out. Adds to `problems`."""
    known = {f"items-{item.position}-{part}" for item in items for part in PARTS}
    if any(name.startswith("items-") and name not in known for name in form):
        problems[""] = _("This form belongs to another prescription. Please open it again.")
    found = [Line(item, _quantity(f"items-{item.position}-quantity", form, problems)) for item in items]
    return tuple(line for line in found if line.quantity)


def _quantity(name: str, form: Mapping[str, str], problems: Problems) -> int:
    text = form.get(name, "").strip()
    if not text:
        return 0
    quantity = whole(text, 0, MOST_AT_ONCE)
    if quantity is None:
        problems[name] = _("Give a whole number, 0 or more.")
    return quantity or 0


def _in_brand(line: Line, form: Mapping[str, str], problems: Problems) -> Line:
    """Add the brand that is given instead; only the same salt, and with a reason."""
    field = f"items-{line.item.position}-brand"
    brand = _short(field, LONGEST_BRAND, form, problems)
    reason = _short(f"{field}_reason", LONGEST_REASON, form, problems)
    if brand and (sentence := problem_of(line.item.drug, brand)):
        problems.setdefault(field, sentence)
    if brand and not reason:
        problems[f"{field}_reason"] = _("Say why another brand is given.")
    if reason and not brand:
        problems[field] = _("Say which brand is given.")
    return Line(line.item, line.quantity, brand, reason)


def _collector(form: Mapping[str, str], problems: Problems) -> Collector:
    """Read the representative. Forms of before that have no fields for the identity are still taken."""
    name = _short("collected_by", LONGEST_NAME, form, problems)
    kind, typed = form.get("identity_kind", ""), clean(form.get("identity_last4", ""))
    last4 = plain_digits(typed).upper()
    if not name:
        if kind or last4:
            problems["collected_by"] = _("Write the name of the representative, or leave the identity empty.")
        return Collector()
    if "identity_kind" not in form and "identity_last4" not in form:
        return Collector(name)
    if kind not in identities():
        problems["identity_kind"] = _("Choose what the representative has shown.")
    if not _LAST4.fullmatch(last4):
        problems["identity_last4"] = _("Write the last four digits or letters of its number.")
    return Collector(name, kind, last4)


def _short(name: str, limit: int, form: Mapping[str, str], problems: Problems) -> str:
    text = " ".join(clean(form.get(name, "")).split())
    if len(text) > limit:
        problems[name] = _("Write at most %(limit)s characters here.", limit=limit)
    return text
