"""All rules of safety applied to some notes: what stops, what is asked, what is noted."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from portal.core.prescribing.notes import Notes
from portal.core.prescribing.safety import doses, measured, pairs, people
from portal.core.prescribing.safety.concerns import STRICTEST_FIRST, Concern
from portal.core.prescribing.safety.doses import Strengths, no_strengths
from portal.core.prescribing.safety.people import Patient
from portal.core.prescribing.safety.substances import Names, row_of, taken

Knows = Callable[[str], bool]  # whether the formulary has a medicine of this name


def check(
    notes: Notes, patient: Patient, named: Names = str, knows: Knows = bool, listed: Strengths = no_strengths
) -> tuple[Concern, ...]:
    """Return what the rules find, the strictest first. `named` gives the generic name of a brand.

    A medicine as directed has no dose to check; everything else holds for it too.
    """
    if not patient.is_male and people.says_pregnant(notes):
        patient = replace(patient, is_pregnant=True)
    elif people.speaks_of_pregnancy(notes):
        patient = replace(patient, since_period=None)
    found = dict.fromkeys(_found(notes, patient, named, knows, listed))
    return tuple(sorted(found, key=lambda each: STRICTEST_FIRST.index(each.tier)))


def _found(notes: Notes, patient: Patient, named: Names, knows: Knows, listed: Strengths) -> Iterator[Concern]:
    typed = [(item, row_of(item, named)) for item in notes.items if item.drug]
    present = [taken(name, named) for name in patient.taken]
    for item, row in typed:
        yield from people.concerns_of(row, item, patient)
        if not knows(item.drug):
            yield people.concern_of_unknown(item, patient)
        if not item.directed:
            yield from doses.concerns_of(row, item, listed(item.drug, item.form))
    yield from doses.in_all(typed)
    yield from pairs.concerns_of([row for _item, row in typed], present)
    yield from measured.concerns_of(notes.vitals, patient.age)
