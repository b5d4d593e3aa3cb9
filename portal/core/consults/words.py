"""Labels of the consult form's fields, and names of their values."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.base.language import gettext as _
from portal.core.calls import modes
from portal.core.prescribing.notes import FOLLOW_UP_DAYS
from portal.store.versions import Changed

_CELL = re.compile(r"items-([0-9]{1,4})-(\w+)")


def labels(changed: Changed) -> dict[str, str]:
    """Return the label of every field that differs."""
    known = fields()
    return {each.name: known.get(each.name) or _cell(each.name) for each in changed.differences}


def summary(errors: Mapping[str, str]) -> dict[str, str]:
    """Prefix each error with its field, and a row's with its medicine too, in the order of the page."""
    known, said = fields(), {}
    for name, sentence in sorted(errors.items(), key=lambda error: _place(error[0], list(known))):
        label = _cell(name) if _CELL.fullmatch(name) else known.get(name, "")
        said[name] = f"{label}: {sentence}" if label else sentence
    return said


def fields() -> dict[str, str]:
    """Map each field to its label, in the order of the page."""
    vitals = {
        "systolic": _("BP upper"),
        "diastolic": _("BP lower"),
        "pulse": _("Pulse"),
        "spo2": "SpO2",
        "temperature": _("Temp."),
        "weight": _("Weight"),
        "height": _("Height"),
        "glucose": _("Glucose"),
    }
    return {
        "present": _("Who was present"),
        "guardian-name": _("The adult's name"),
        "guardian-relation": _("Relation to the patient"),
        "guardian-identity": _("Known by"),
        "consent": _("The adult agrees to the consultation"),
        "identity": _("I asked the name"),
        "age": _("I asked the age"),
        "mode": _("Mode"),
        "kind": _("Kind"),
        "complaints": _("Complaints"),
        "history": _("History"),
        "findings": _("Findings"),
        "diagnosis": _("Diagnosis"),
        "plain": _("In plain words, for the patient"),
        "icd10": _("ICD-10 code"),
        "seen_in_person_on": _("Seen in person on"),
        **{f"vitals-{name}": label for name, label in vitals.items()},
        "last_period_on": _("Last period (LMP)"),
        "items": _("Medicines"),
        "investigations": _("Tests to be done"),
        "advice": _("Advice"),
        "follow_up_on": _("Next consultation on"),
    }


def cells() -> dict[str, str]:
    """Map each part of a medicine's row to its label, in the order of the page."""
    return {
        "drug": _("Name"),
        "form": _("Form"),
        "strength": _("Strength"),
        "dose": _("Dose"),
        "frequency": _("How often"),
        "duration_days": _("Days"),
        "quantity": _("Quantity"),
        "instructions": _("Instructions"),
        "directed": _("As directed"),
        "reason": _("Why"),
        "taken_since": _("Takes it since (seen on paper)"),
        "purpose": _("What for (the patient reads it)"),
    }


def values() -> dict[str, dict[str, str]]:
    """Return the names of choices and ticks."""
    tick = {"yes": _("ticked"), "": _("not ticked")}
    kinds = {"first": _("First"), "follow_up": _("Follow-up")}
    return {
        "mode": modes.names(),
        "kind": kinds,
        "present": {"patient": _("The patient"), "caregiver": _("A caregiver, for the patient")},
        "consent": tick,
        "identity": tick,
        "age": tick,
    }


def choices(today: date) -> dict[str, Any]:
    """Return what the form offers from this day on: modes, and times of the next consultation."""
    return {"today": today, "mode_words": modes.names(), "follow_ups": _follow_ups(today)}


def _follow_ups(today: date) -> list[tuple[str, date, str]]:
    """List the usual times of the next consultation: days from now, the day, and the words."""
    labels = (_("in 3 days"), _("in a week"), _("in 2 weeks"), _("in 4 weeks"), _("in 3 months"), _("in 6 months"))
    return [
        (days, today + timedelta(days=int(days)), label) for days, label in zip(FOLLOW_UP_DAYS, labels, strict=True)
    ]


def medicine(place: int) -> str:
    """Return the heading of a medicine row; the first has the place 0."""
    return _("Medicine %(number)s", number=place + 1)


def _place(name: str, known: list[str]) -> tuple[int, int, int]:
    """Return a field's place on the page: the form as a whole first, what is asked at "Issue" last."""
    if cell := _CELL.fullmatch(name):
        parts = list(cells())
        return known.index("items"), int(cell[1]), parts.index(cell[2]) if cell[2] in parts else len(parts)
    if not name:
        return -1, 0, 0
    return known.index(name) if name in known else len(known), -1, 0


def _cell(name: str) -> str:
    """Name a row and its part, as items-0-quantity: Medicine 1, Quantity. A whole row is its medicine alone."""
    parts = name.split("-", 2)
    return ", ".join(filter(None, (medicine(int(parts[1])), cells().get(parts[2], "") if len(parts) > 2 else "")))
