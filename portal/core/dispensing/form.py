"""Parser of the pharmacist's form: how much of what, in which brand, which indents, and who collects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import whole
from portal.core.dispensing.collector import Collector, Problems, read_collector, short
from portal.core.dispensing.permission import Letter, read_letter
from portal.core.dispensing.substitution import problem_of
from portal.core.prescriptions.models import PrescribedItem

MOST_AT_ONCE = 999_999  # of one medicine, in tablets or other units
LONGEST_BRAND = LONGEST_REASON = 120
PARTS = ("quantity", "brand", "brand_reason")


@dataclass(frozen=True)
class Line:
    """So much of one medicine, in the prescribed brand or another one for a reason."""

    item: PrescribedItem
    quantity: int
    brand: str = ""
    brand_reason: str = ""


@dataclass(frozen=True)
class Wanted:
    """All that the form asks for. `indents`: uids of those that are collected; `letter`: permits more than a part."""

    lines: tuple[Line, ...]
    indents: frozenset[str]
    collector: Collector
    letter: Letter | None = None


def read(items: list[PrescribedItem], form: Mapping[str, str], *, on: date) -> Wanted:
    """Parse the form of a sheet on a day. Raises Invalid with a sentence for every wrong field."""
    problems: Problems = {}
    lines = quantities(items, form, problems)
    lines = tuple(_in_brand(line, form, problems) for line in lines)
    indents = frozenset(name.removeprefix("indent-") for name in form if name.startswith("indent-"))
    collector, letter = read_collector(form, problems), read_letter(form, problems, on=on)
    if not lines and not indents and not problems:
        problems[""] = _("Give the quantity of at least one medicine.")
    if problems:
        raise Invalid(problems)
    return Wanted(lines, indents, collector, letter)


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
    brand = short(field, LONGEST_BRAND, form, problems)
    reason = short(f"{field}_reason", LONGEST_REASON, form, problems)
    if brand and (sentence := problem_of(line.item.drug, brand)):
        problems.setdefault(field, sentence)
    if brand and not reason:
        problems[f"{field}_reason"] = _("Say why another brand is given.")
    if reason and not brand:
        problems[field] = _("Say which brand is given.")
    return Line(line.item, line.quantity, brand, reason)
