"""Labels of the consult form's fields, and names of their values."""

from collections.abc import Mapping

from portal.base.language import gettext as _
from portal.core.calls.call_log_page import mode_words
from portal.store.versions import Changed


def labels(changed: Changed) -> dict[str, str]:
    """Return the label of every field that differs."""
    known = fields()
    return {each.name: known.get(each.name) or _medicine(each.name) for each in changed.differences}


def summary(errors: Mapping[str, str]) -> dict[str, str]:
    """Prefix each error with its field or medicine."""
    known, said = fields(), {}
    for name, sentence in errors.items():
        label = _medicine(name) if name.startswith("items-") else known.get(name, "")
        said[name] = f"{label}: {sentence}" if label else sentence
    return said


def fields() -> dict[str, str]:
    """Map each field to its label."""
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
        "complaints": _("Complaints"),
        "history": _("History"),
        "findings": _("Findings"),
        "diagnosis": _("Diagnosis"),
        "icd10": _("ICD-10 code"),
        "investigations": _("Tests to be done"),
        "advice": _("Advice"),
        "follow_up_on": _("Next consultation on"),
        "seen_in_person_on": _("Seen in person on"),
        "mode": _("Mode"),
        "kind": _("Kind"),
        "identity": _("I asked the name"),
        "age": _("I asked the age"),
    } | {f"vitals-{name}": label for name, label in vitals.items()}


def values() -> dict[str, dict[str, str]]:
    """Return the names of choices and ticks."""
    tick = {"yes": _("ticked"), "": _("not ticked")}
    kinds = {"first": _("First"), "follow_up": _("Follow-up")}
    return {"mode": mode_words(), "kind": kinds, "identity": tick, "age": tick}


def medicine(place: int) -> str:
    """Return the heading of a medicine row; the first has the place 0."""
    return _("Medicine %(number)s", number=place + 1)


def _medicine(name: str) -> str:
    return medicine(int(name.split("-")[1]))
