"""Requirements for issuing a prescription: identity asked, a diagnosis, every medicine complete.

A medicine's required fields depend on its form; or it is taken as directed, for a given reason.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from portal.base.language import gettext as _
from portal.base.typed import plain, words
from portal.core.prescribing import attending
from portal.core.prescribing import notes as forms
from portal.core.prescribing.dosing.course import course_of, line_of
from portal.core.prescribing.dosing.lines import Line
from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.readings import is_strength

_BARE_NUMBER = re.compile(r"[0-9.,/\s]+")


@dataclass(frozen=True)
class Kind:
    """Forms that are dosed alike. `unit`: a bare number is no dose; `place`: instructions can replace a dose."""

    words: frozenset[str]
    unit: bool = False
    place: bool = False
    route: bool = False


INJECTED = Kind(frozenset("inj injection injections vial ampoule infusion इंजेक्शन".split()), unit=True, route=True)
LIQUID = Kind(
    frozenset("syrup syp syr suspension susp solution elixir linctus liquid mixture शरबत सिरप".split()), unit=True
)
APPLIED = Kind(
    frozenset("cream ointment oint gel lotion paste liniment shampoo soap mouthwash gargle मलहम क्रीम".split()),
    place=True,
)
OTHER = Kind(frozenset())  # tablets, capsules, drops, puffs: counted, so a bare number will do


def kind_of(form: str) -> Kind:
    """Return the kind of a form as it was typed: "Oral suspension", "Inj.", "eye drops"."""
    typed = set(words(form))
    return next((kind for kind in (INJECTED, LIQUID, APPLIED) if kind.words & typed), OTHER)


def problems_of(notes: Notes, *, today: date, age: int | None = None) -> dict[str, str]:
    """Return what prevents issuing: a sentence for each missing or invalid field. `age` in years, if it is known."""
    problems = forms.problems(forms.as_form(notes), today=today)
    for name in ("identity", "age"):
        if not getattr(notes, name):
            problems[name] = _("Ask the patient for it, then tick this.")
    problems |= attending.missing(notes.attending, age)
    if attending.is_minor(age) and notes.items and "weight" not in notes.vitals:
        problems.setdefault("vitals-weight", _("Ask the child's weight, if only roughly: the dose depends on it."))
    if not notes.diagnosis:
        problems.setdefault("diagnosis", _("Give the diagnosis; a provisional one is enough."))
    if not notes.items and not notes.advice:
        problems.setdefault("advice", _("Prescribe a medicine or write some advice."))
    for item in notes.items:
        for part, sentence in (missing(item) | _uncounted(item)).items():
            problems.setdefault(f"items-{item.place}-{part}", sentence)
    return problems


def with_quantities(notes: Notes) -> Notes:
    """Fill in every quantity that follows from dose, frequency and days."""
    return replace(notes, items=tuple(_counted(item) for item in notes.items))


def missing(item: Item) -> dict[str, str]:
    """Return a sentence for each required part of the row that is missing."""
    found = {} if item.form else {"form": _("Give the form, such as tablet or syrup.")}
    if item.directed:
        found |= _strength(item) if item.strength else {}
        return (
            found if item.reason else found | {"reason": _("Give the reason in words for the patient; it is printed.")}
        )
    line = line_of(item)
    return found | _strength(item) | _dose(item, line) | _how_often_and_long(item, line)


def _strength(item: Item) -> dict[str, str]:
    if not item.strength:
        return {"strength": _("Give the strength, such as 500 mg.")}
    if _BARE_NUMBER.fullmatch(plain(item.strength)):
        return {"strength": _("Give the unit too, such as mg.")}
    if not is_strength(item.strength):
        return {"strength": _("Write amount and unit, such as 500 mg, 125 mg/5 ml or 40 mg + 12.5 mg.")}
    return {}


def _dose(item: Item, line: Line | None) -> dict[str, str]:
    """Ask for the dose, unless how often says it: 1-0-1, 10-0-12 units."""
    kind = kind_of(item.form)
    if kind.place:
        if item.dose or item.instructions:
            return {}
        return {"instructions": _("Say how much is used, and where.")}
    said = [step.amount for step in line.steps] if line else []
    if not item.dose and (None in said or not said):
        return {"dose": _("Give the dose, such as 1 or 5 ml.")}
    if kind.unit and _is_bare(item, line):
        return {"dose": _("Give the unit too, such as ml.")}
    if kind.route and not item.instructions:
        return {"instructions": _("Say how it is given: into the muscle, the vein or under the skin.")}
    return {}


def _is_bare(item: Item, line: Line | None) -> bool:
    """Tell whether a dose is a number without a unit."""
    bare = _BARE_NUMBER.fullmatch(plain(item.dose)) is not None
    return bare or (line is not None and any(step.amount is not None and not step.unit for step in line.steps))


def _how_often_and_long(item: Item, line: Line | None) -> dict[str, str]:
    is_said = line is not None and all(step.rhythm or step.needed for step in line.steps)
    if not item.frequency and not is_said:
        return {"frequency": _("Say how often, such as TDS.")}
    if item.duration_days is None and not _has_end(line):
        return {"duration_days": _("For how many days?")}
    return {}


def _has_end(line: Line | None) -> bool:
    return line is not None and (line.is_open or line.days is not None)


def _uncounted(item: Item) -> dict[str, str]:
    if item.quantity is not None:
        return {}
    return {"quantity": _("Give the quantity; it cannot be worked out from dose, frequency and days.")}


def _counted(item: Item) -> Item:
    if item.quantity is not None:
        return item
    return replace(item, quantity=course_of(item).quantity)
