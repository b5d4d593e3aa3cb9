"""Labels of the consult form's fields, and names of their values."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.base.language import gettext as _
from portal.core.calls import modes
from portal.core.prescribing.notes import FOLLOW_UP_DAYS
from portal.store.versions import Changed

CELLS = (  # of a medicine's row, in the order of the page
    "drug",
    "form",
    "strength",
    "dose",
    "frequency",
    "duration_days",
    "quantity",
    "instructions",
    "directed",
    "reason",
    "taken_since",
    "purpose",
)
_CELL = re.compile(r"items-([0-9]{1,4})-(\w+)")


def labels(changed: Changed) -> dict[str, str]:
    """Return the label of every field that differs."""
    known = fields()
    return {each.name: known.get(each.name) or _medicine(each.name) for each in changed.differences}


def summary(errors: Mapping[str, str]) -> dict[str, str]:
    """Prefix each error with its field or medicine, in the order of the page."""
    known, said = fields(), {}
    for name, sentence in sorted(errors.items(), key=lambda error: _place(error[0], list(known))):
        label = _medicine(name) if _CELL.fullmatch(name) else known.get(name, "")
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
        return known.index("items"), int(cell[1]), CELLS.index(cell[2]) if cell[2] in CELLS else len(CELLS)
    if not name:
        return -1, 0, 0
    return known.index(name) if name in known else len(known), -1, 0


def _medicine(name: str) -> str:
    return medicine(int(name.split("-")[1]))
