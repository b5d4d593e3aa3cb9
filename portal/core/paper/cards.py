"""A prescribed medicine as a patient reads it: pictures of the day, food, days and quantity, in one language.

The doctor's abbreviations never stand alone: what `dosing` reads is said in words, what it does not read stays as the
doctor wrote it, and no picture is guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from portal.base.units import named
from portal.contracts import MedicineRecord
from portal.core.paper.forms import form_in_words
from portal.core.prescribing.dosing import times
from portal.core.prescribing.dosing.course import line_of, unit_of
from portal.core.prescribing.dosing.lines import Line, Step
from portal.core.prescribing.dosing.phrases import PIECES, tokens
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.dosing.wording import amount_in_words, days_in_words, figure, line_in_words
from portal.core.prescribing.notes import Item
from portal.core.prescribing.patient_words import in_patients_words

_COUNTED = {"drop", "puff", "spray"}


@dataclass(frozen=True)
class Turn:
    """One part of a course, several where the dose tapers. `day` maps each time of the day to the amount then.

    An amount is "" when nothing is taken, and ✓ when it is not said how much.
    """

    day: dict[str, str]
    words: str


@dataclass(frozen=True)
class Card:
    """One medicine. `food`: before or after it; `notes`: further instructions; `days` and `quantity` in words.

    `course`: the number of days, None when it is taken only when needed, or no number was said.
    """

    drug: str
    strength: str
    form: str
    turns: tuple[Turn, ...]
    food: str
    notes: tuple[str, ...]
    days: str
    quantity: str
    course: int | None = None
    purpose: str = ""

    @property
    def name(self) -> str:
        """The medicine with its strength, as it stands on the strip."""
        return " ".join(filter(None, (self.drug, self.strength)))

    @property
    def spoken(self) -> str:
        """All of it as sentences that are read aloud."""
        what = f"{self.name}, {self.form}".rstrip(", ")
        how = "; ".join(filter(None, (turn.words for turn in self.turns)))
        parts = (what, self.purpose, how, self.food, *self.notes, self.days)
        return ". ".join(part.rstrip(".।") for part in parts if part) + "."


def card_of(medicine: MedicineRecord, language: str) -> Card:
    """Say a medicine in a language."""
    line = line_of(_item(medicine))
    beside = tokens(medicine.instructions) is not None
    if line is None:  # perhaps the instructions contradict the dose: then both stand as they are
        line, beside = line_of(replace(_item(medicine), instructions="")), False
    days = medicine.duration_days if medicine.duration_days is not None else (line.days if line else None)
    meals = [step.meal for step in line.steps] if line else []
    food, notes = ([], []) if beside else _instructions(medicine.instructions, language)
    return Card(
        drug=named(medicine.drug),
        strength=medicine.strength,
        form=form_in_words(medicine.form, language),
        turns=tuple(_turns(medicine, line, language)),
        food=", ".join(dict.fromkeys([*(_meal(meal, language) for meal in meals if meal), *food])),
        notes=tuple(notes),
        days=days_in_words(days, language) if days else "",
        quantity=_quantity(medicine, language),
        purpose=in_patients_words(medicine.purpose, language),
        course=None if line and any(step.needed for step in line.steps) else days,
    )


def taken_in_words(medicine: MedicineRecord, language: str) -> list[str]:
    """Say form, strength and use at the counter: in English as the doctor wrote them, else in words.

    Instructions in the patient's language stand there as written, and in English too where they are understood.
    """
    if language == "en":
        how = _both(medicine.instructions, language)
        return [part for part in (medicine.form, medicine.strength, medicine.dose, medicine.frequency, how) if part]
    card = card_of(medicine, language)
    turns = (turn.words for turn in card.turns)
    return [part for part in (card.form, card.strength, *turns, card.food, *card.notes) if part]


def _item(medicine: MedicineRecord) -> Item:
    return Item(
        0,
        drug=medicine.drug,
        form=medicine.form,
        strength=medicine.strength,
        dose=medicine.dose,
        frequency=medicine.frequency,
        duration_days=medicine.duration_days,
        quantity=medicine.quantity,
        instructions=medicine.instructions,
    )


def _turns(medicine: MedicineRecord, line: Line | None, language: str) -> Iterator[Turn]:
    """Yield the steps without food, which has its own place, and without the days of a single one."""
    if line is None:
        yield from _as_written(medicine, language)
        return
    for step in line.steps:
        plain = replace(step, meal="", days=None if len(line.steps) == 1 else step.days)
        yield Turn(_day(step, language), line_in_words(Line((plain,)), language))


def _as_written(medicine: MedicineRecord, language: str) -> Iterator[Turn]:
    """Yield the texts where together they say nothing certain; a frequency that is read alone is said in words."""
    often = read(medicine.frequency)
    said = line_in_words(often, language) if often else medicine.frequency
    written = ", ".join(filter(None, (medicine.dose, said)))
    if written:
        step = often.steps[0] if often and len(often.steps) == 1 else Step()
        yield Turn(_day(step, language) if not medicine.dose or step.amount is None else {}, written)


def _day(step: Step, language: str) -> dict[str, str]:
    """Return the times that are always shown and those that are taken; empty where no picture says it."""
    taken = times.pictured(step)
    shown = [name for name in times.PICTURES if name in taken or name in ("morning", "noon", "night")]
    if set(taken) == {"bedtime"}:
        shown.remove("night")  # bedtime stands in its place
    return {name: _figure(step, taken[name], language) if name in taken else "" for name in shown} if taken else {}


def _figure(step: Step, amount: Fraction | None, language: str) -> str:
    """Write an amount under a picture: a number of pieces, drops or puffs alone, what is measured with its unit."""
    if amount is None:
        return "✓"
    return figure(amount) if step.unit in PIECES | _COUNTED else amount_in_words(amount, step.unit, language)


def _meal(meal: str, language: str) -> str:
    return line_in_words(Line((Step(meal=meal),)), language)


def _instructions(text: str, language: str) -> tuple[list[str], list[str]]:
    """Split instructions such as "PC · shake well" into food in words and the rest, in words where it is read."""
    food: list[str] = []
    rest: list[str] = []
    for part in filter(None, (part.strip() for part in text.split(" · "))):
        line = read(part)
        is_meal = line is not None and all(step == Step(meal=step.meal) for step in line.steps)
        (food if is_meal else rest).append(line_in_words(line, language) if line else in_patients_words(part, language))
    return food, rest


def _both(text: str, language: str) -> str:
    food, rest = _instructions(text, language)
    said = " · ".join([*food, *rest])
    return text if text.isascii() or said == text else f"{text} ({said})"


def _quantity(medicine: MedicineRecord, language: str) -> str:
    """Say how much there is to collect: 60 tablets, or 2 × syrup, as bottles and tubes are counted."""
    unit = unit_of(medicine.form)
    if unit in PIECES and unit:
        return amount_in_words(Fraction(medicine.quantity), unit, language)
    return " × ".join(filter(None, (str(medicine.quantity), form_in_words(medicine.form, language))))
