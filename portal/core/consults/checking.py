"""Safety of a draft: what the chart knows of the patient, the concerns about it, and what each row comes to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.base.clock import clinic_day
from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.beneficiaries.identity import age_on
from portal.core.chart import services as chart
from portal.core.consults import panels, words
from portal.core.formulary import versions
from portal.core.prescribing import doses
from portal.core.prescribing import notes as forms
from portal.core.prescribing.dosing.course import course_of
from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.safety import allergies
from portal.core.prescribing.safety.checking import check
from portal.core.prescribing.safety.concerns import Concern
from portal.core.prescribing.safety.people import Allergy, Patient, names_pregnancy
from portal.core.visits.models import Visit


def concerns_of(visit: Visit, notes: Notes) -> tuple[Concern, ...]:
    """Check some notes of a visit, the strictest concern first."""
    formulary = versions.in_force()
    begun = notes.last_period_on
    patient = replace(patient_of(visit), since_period=(visit.session.day - begun).days if begun else None)
    return check(notes, patient, _generic, formulary.knows, formulary.strengths)


def patient_of(visit: Visit) -> Patient:
    """Return age, sex, pregnancy, allergies and present medicines.

    Of these none whose course has ended, and none of the version being amended.
    """
    day, person = visit.session.day, visit.beneficiary
    issued = panels.of(visit, "issued")["issued"]
    known = chart.known(person, on=day)
    return Patient(
        age=age_on(person.entry.date_of_birth, day),
        is_male=person.entry.gender == "male",
        is_pregnant=any(names_pregnancy(each.name, each.icd10) for each in chart.problems_of(person)),
        allergies=tuple(
            Allergy(each.substance, ", ".join(filter(None, (each.reaction, each.severity))), _allergen(each.substance))
            for each in known.allergies
        ),
        taken=tuple(
            each.name
            for each in known.medicines
            if (each.until is None or each.until >= day) and not (issued and each.number == issued.number)
        ),
    )


def _generic(name: str) -> str:
    """Return the substances of a brand or of another spelling, as the formulary has them."""
    return " + ".join(versions.in_force().substances(name))


def _allergen(name: str) -> str:
    """Return the substances of an allergy as `_generic`, of a misspelt name too: a chart is typed by hand."""
    formulary = versions.in_force()
    near = formulary.nearly(allergies.without_classes(name))
    return " + ".join(dict.fromkeys((*formulary.substances(name), *near)))


def shown(visit: Visit, form: Mapping[str, str], moment: datetime) -> dict[str, Any]:
    """Return the template variables of a form as typed: its concerns, and by row what the dose comes to."""
    notes = forms.read(form, today=clinic_day(moment))
    return {
        "concerns": [(each, _label(each)) for each in concerns_of(visit, notes)],
        "said": {item.place: _said(item) for item in notes.items},
    }


def _said(item: Item) -> str:
    """Say what a row comes to; what cannot be counted asks for the quantity."""
    said = doses.course_in_words(item, current())
    wants = bool(item.frequency) and not item.directed and item.quantity is None and course_of(item).quantity is None
    stop = "। " if current() == "hi" else ". "
    return stop.join(filter(None, (said, _("Give the quantity.") if wants else "")))


def _label(concern: Concern) -> str:
    """Name the row; a measured value is named by its sentence."""
    return words.medicine(concern.place) if concern.place is not None else ""
