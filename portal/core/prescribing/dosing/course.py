"""The whole course of a medicine's row: its dose line, days, and the quantity that follows; None is never a guess.

Drops: 20 a ml (a metric drop). A bottle, pen or inhaler is counted only when its size stands in the row: "10 ml
bottle", "3 ml pen", "200 doses".
"""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from portal.base.typed import words
from portal.core.formulary.ways import ways_of
from portal.core.prescribing.dosing.lines import Line, total
from portal.core.prescribing.dosing.phrases import PIECES, normalised
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.notes import Item

DROPS_A_ML = 20
_MEASURED_FORMS = frozenset(
    "inj injection injections vial ampoule infusion pen penfill cartridge syrup syp syr suspension susp solution elixir"
    " linctus liquid mixture cream ointment oint gel lotion paste liniment shampoo soap mouthwash gargle"
    " इंजेक्शन शरबत सिरप मलहम क्रीम".split()
)
_UNIT_OF_FORM = {
    "drop": "drop drops eyedrops eardrops nosedrops बूँद बूंद बूँदें बूंदें ड्रॉप ड्रॉप्स",
    "puff": "inhaler inhalers mdi puff puffs इनहेलर",
    "spray": "spray sprays स्प्रे",
    "capsule": "capsule capsules cap caps rotacap rotacaps कैप्सूल",
    "sachet": "sachet sachets पैकेट",
    "tablet": "tablet tablets tab tabs गोली टैबलेट",
}
_UNITS = {word: unit for unit, text in _UNIT_OF_FORM.items() for word in text.split()}
_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*(mg|mcg|g|gm)(?:\s+[a-z]+)?")
_BOTTLE = re.compile(r"(\d+(?:\.\d+)?)\s*ml\s*(?:bottle|vial|pen|penfill|cartridge|phial|शीशी)")
_DOSES = re.compile(r"(\d+)\s*(?:metered\s*)?(?:doses|puffs|sprays|actuations|mdi)")
_UNITS_A_ML = re.compile(r"(\d+)\s*(?:iu|units?|u)\s*/\s*ml")


@dataclass(frozen=True)
class Course:
    """What a row comes to. `amount` in `unit` over all `days`; `quantity` in packs or pieces, as it is dispensed."""

    line: Line | None = None
    days: int | None = None
    amount: Fraction | None = None
    unit: str = ""
    quantity: int | None = None


def course_of(item: Item) -> Course:
    """Work out the course of a row. Medicines as directed have none: they stand in the doctor's words."""
    line = None if item.directed else line_of(item)
    if line is None:
        return Course()
    days = item.duration_days if item.duration_days is not None else line.days
    if line.days is not None and days != line.days:  # two numbers of days: neither is taken
        return Course(line)
    amount, unit = _amount(line, days, item)
    return Course(line, days, amount, unit, _packs(amount, unit, item))


def line_of(item: Item) -> Line | None:
    """Parse the dose of a row, in the unit of its form where only a number stands; None for what is not understood."""
    line = read(item.dose, item.frequency, beside=item.instructions)
    unit = unit_of(item.form)
    if line is None or not unit:
        return line
    return Line(tuple(replace(step, unit=step.unit or (unit if step.amount else "")) for step in line.steps))


def contradicts(item: Item) -> int | None:
    """Return the quantity that the row comes to, when another is typed."""
    computed = course_of(item).quantity
    return computed if item.quantity is not None and computed not in (None, item.quantity) else None


def unit_of(form: str) -> str:
    """Return the unit of a bare number in this form; "" for pieces without a name, and where it needs a unit."""
    typed = words(form)
    return next((_UNITS[word] for word in reversed(typed) if word in _UNITS), "")


def _amount(line: Line, days: int | None, item: Item) -> tuple[Fraction | None, str]:
    """Add up the steps; None when one cannot be counted, or they are in different units."""
    units = {step.unit for step in line.steps}
    unit = units.pop() if len(units) == 1 else ""
    sums = [total(step, step.days or (days if len(line.steps) == 1 else None)) for step in line.steps]
    if units or None in sums or not _is_countable(line, unit, item):
        return None, ""
    return sum((each for each in sums if each is not None), Fraction()), unit


def _is_countable(line: Line, unit: str, item: Item) -> bool:
    """Tell whether unit and form fit: a bare number of syrup has no unit, drops need to say one side or both."""
    if not unit:
        return not _MEASURED_FORMS & set(words(item.form))
    is_sided = unit in ("drop", "spray") and bool(ways_of(item.form) & {"eye", "ear", "nose"})
    return not is_sided or all(step.site for step in line.steps)


def _packs(amount: Fraction | None, unit: str, item: Item) -> int | None:
    if amount is None:
        return None
    if unit in PIECES:
        return math.ceil(amount)
    size = _piece(unit, item) if unit in ("mg", "mcg", "g") else _pack(unit, normalised(f"{item.strength} {item.form}"))
    return math.ceil(amount / size) if size else None


def _piece(unit: str, item: Item) -> Fraction | None:
    """Return the strength of one tablet, when the dose is of halves or whole ones."""
    match = _WEIGHT.fullmatch(normalised(item.strength))
    if match is None or unit != match[2].replace("gm", "g") or unit_of(item.form) not in ("tablet", "capsule"):
        return None
    size, line = Fraction(match[1]), line_of(item)
    halves = [step.amount * 2 / size for step in line.steps if step.amount] if line and size else []
    least = 1 if unit_of(item.form) == "tablet" else 2
    return size if halves and all(each.denominator == 1 and each % least == 0 for each in halves) else None


def _pack(unit: str, text: str) -> Fraction | None:
    """Return how much of the unit one bottle, pen or inhaler holds, when the row says so."""
    bottle, doses, strong = _BOTTLE.search(text), _DOSES.search(text), _UNITS_A_ML.search(text)
    if unit in ("puff", "spray"):
        return Fraction(doses[1]) if doses else None
    if bottle is None:
        return None
    millilitres = Fraction(bottle[1])
    if unit == "unit":
        return millilitres * int(strong[1]) if strong else None
    return {"ml": millilitres, "drop": millilitres * DROPS_A_ML}.get(unit)
