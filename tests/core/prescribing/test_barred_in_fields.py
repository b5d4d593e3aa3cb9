"""The corpus of barred medicines in the fields of the notes where it was typed: each is refused or asked."""

import csv
from datetime import date
from pathlib import Path

from portal.core.formulary.classes import Medicine
from portal.core.formulary.index import Formulary
from portal.core.prescribing import notes
from portal.core.prescribing.judging import Judgement
from portal.core.prescribing.law import Known

FORMULARY = Formulary([Medicine("Paracetamol", "tablet", "O")])
with (Path(__file__).parents[1] / "formulary" / "barred.csv").open(encoding="utf-8", newline="") as file:
    CORPUS = list(csv.DictReader(file))


def is_noticed(field: str, text: str) -> bool:
    """Whether the text is refused in its row, or asked: as a near miss, or in advice and tests."""
    form = {"mode": "video", "kind": "first", "items-0-drug": "Paracetamol", "items-0-form": "tablet"}
    place = field if field in {"advice", "investigations"} else f"items-0-{field}"
    judged = Judgement(notes.read(form | {place: text}, today=date(2026, 11, 23)), FORMULARY, Known())
    if place == field:
        return judged.question is not None
    (row,) = judged.rows
    return place in judged.refusals or any(row.near_misses())


def test_every_barred_spelling_is_refused_or_asked_in_its_field() -> None:
    assert [row for row in CORPUS if not is_noticed(row["field"], row["text"])] == []
