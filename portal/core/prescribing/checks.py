"""What must be there before a prescription is issued, and where it leaves the guidelines' lists."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from portal.base.language import gettext as _
from portal.core.prescribing import barred, needs, rules
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


def class_of(item: Item, medicines: Iterable[rules.Medicine]) -> str:
    """The medicine's class in the guidelines: O, A, B, PROHIBITED, or "" for one the formulary does not know."""
    listed = tuple(medicines)
    return rules.PROHIBITED if barred.named(item.drug, listed) else rules.tele_class(item.drug, item.form, listed)


def outside_lists(notes: Notes, medicines: Sequence[rules.Medicine]) -> list[str]:
    """Medicines that the guidelines' lists do not foresee in this consultation (domain.md 1.6).

    The guidelines leave these to the doctor's clinical judgement: the page says so, and the audit keeps it.
    """
    by_sight = notes.mode == "video" or notes.kind == "follow_up"
    return [
        item.drug
        for item in notes.items
        if (found := class_of(item, medicines)) != "O" and (not by_sight or (found == "B" and notes.kind == "first"))
    ]


def _uncounted(item: Item) -> dict[str, str]:
    if item.quantity is not None:
        return {}
    return {"quantity": _("Give the quantity; it cannot be worked out from dose, frequency and days.")}


def _counted(item: Item) -> Item:
    if item.quantity is not None:
        return item
    return replace(item, quantity=default_quantity(item.frequency, item.dose, item.duration_days))
