"""Two hundred ordinary prescriptions, as five OPDs write them: safety hardly ever asks, or doctors switch it off."""

from collections import Counter
from csv import DictReader
from pathlib import Path

import pytest

from portal.core.formulary import classes
from portal.core.formulary.index import Formulary
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.needs import with_quantities
from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.safety.checking import check
from portal.core.prescribing.safety.concerns import Concern, question_of
from portal.core.prescribing.safety.people import Patient
from portal.store.csv_file import shipped

FILE = Path(__file__).parent / "ordinary.csv"
ASKED_AT_MOST, STOPPED_AT_MOST = 0.05, 0.005


def prescriptions() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file))


def item(place: int, text: str) -> Item:
    drug, form, strength, dose, frequency, days, *instructions = [part.strip() for part in text.split(",")] + [""]
    number = int(days) if days else None
    return Item(
        place, drug, form, strength, dose, frequency, number, instructions=", ".join(filter(None, instructions))
    )


def items(row: dict[str, str]) -> tuple[Item, ...]:
    return tuple(item(place, text) for place, text in enumerate(row["medicines"].split(";")))


@pytest.fixture(scope="module")
def found() -> list[tuple[Concern, ...]]:
    formulary = Formulary(map(classes.from_row, shipped(classes.FORMULARY_FILE)))
    return [
        check(
            with_quantities(Notes(items=items(row), diagnosis=row["diagnosis"])),
            Patient(age=int(row["age"]), taken=tuple(filter(None, row["taken"].split("|")))),
            lambda name: " + ".join(formulary.substances(name)),
            formulary.knows,
            formulary.strengths,
        )
        for row in prescriptions()
    ]


def test_the_corpus_has_two_hundred_prescriptions_of_five_specialties() -> None:
    rows = prescriptions()
    assert len(rows) >= 200
    assert min(Counter(row["specialty"] for row in rows).values()) >= 30
    assert len({row["medicines"] for row in rows}) == len(rows)


def test_a_question_in_five_of_a_hundred_and_a_stop_in_one_of_two_hundred_at_most(
    found: list[tuple[Concern, ...]],
) -> None:
    asked = [question_of(concerns) for concerns in found]
    stopped = [concerns for concerns in found if any(each.tier == "stop" for each in concerns)]
    told = [question.about for question in asked if question]
    assert len(told) <= ASKED_AT_MOST * len(found), told
    assert len(stopped) <= STOPPED_AT_MOST * len(found), stopped


def test_what_is_asked_there_is_what_a_clinician_would_ask(found: list[tuple[Concern, ...]]) -> None:
    rules = Counter(each.rule for concerns in found for each in concerns if each.tier == "ask")
    assert set(rules) <= {"qt_pair", "statin_and_clarithromycin", "unlisted_strength"}
    assert rules["statin_and_clarithromycin"] == rules["unlisted_strength"] == 1


def test_nearly_every_dose_of_ordinary_prescriptions_is_read() -> None:
    rows = [each for row in prescriptions() for each in items(row) if each.frequency or each.dose]
    unread = [f"{each.dose} {each.frequency}" for each in rows if read(each.dose, each.frequency) is None]
    assert len(unread) <= 0.01 * len(rows), unread
