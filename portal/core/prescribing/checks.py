"""What must be there before a prescription is issued."""

from dataclasses import replace
from datetime import date

from portal.base.language import gettext as _
from portal.core.prescribing import needs
from portal.core.prescribing import notes as forms
from portal.core.prescribing.doses import default_quantity
from portal.core.prescribing.notes import Item, Notes


def problems_of(notes: Notes, *, today: date) -> dict[str, str]:
    """What stands against issuing: all that is missing, and all that cannot be read, each at its field."""
    problems = forms.problems(forms.as_form(notes), today=today)
    for name in ("identity", "age"):
        if not getattr(notes, name):
            problems[name] = _("Ask the patient for it, then tick this.")
    if not notes.diagnosis:
        problems.setdefault("diagnosis", _("Give the diagnosis; a provisional one is enough."))
    if not notes.items and not notes.advice:
        problems.setdefault("advice", _("Prescribe a medicine or write some advice."))
    for item in notes.items:
        for part, sentence in (needs.missing(item) | _uncounted(item)).items():
            problems.setdefault(f"items-{item.place}-{part}", sentence)
    return problems


def with_quantities(notes: Notes) -> Notes:
    """The notes with every quantity filled in that follows from dose, frequency and days."""
    return replace(notes, items=tuple(_counted(item) for item in notes.items))


def _uncounted(item: Item) -> dict[str, str]:
    if item.quantity is not None:
        return {}
    return {"quantity": _("Give the quantity; it cannot be worked out from dose, frequency and days.")}


def _counted(item: Item) -> Item:
    if item.quantity is not None:
        return item
    return replace(item, quantity=default_quantity(item.frequency, item.dose, item.duration_days))
