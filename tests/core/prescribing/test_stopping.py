"""A sentence that stops, avoids, tapers or tests a barred medicine is not asked; one that gives it is."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.formulary.barred import find
from portal.core.prescribing.stopping import left_to_ask

CORPUS = Path(__file__).parents[1] / "formulary" / "sentences.csv"
with CORPUS.open(encoding="utf-8", newline="") as file:
    SENTENCES = list(csv.DictReader(file))
with (CORPUS.parent / "barred.csv").open(encoding="utf-8", newline="") as file:
    GIVING = [row["text"] for row in csv.DictReader(file) if row["field"] in {"advice", "investigations"}]


def is_asked(text: str) -> bool:
    """Whether the doctor is asked about the text."""
    return any(map(find, left_to_ask(text)))


def test_each_sentence_of_the_corpus_is_asked_or_not_as_it_says() -> None:
    assert [row["text"] for row in SENTENCES if is_asked(row["text"]) != (row["asked"] == "1")] == []
    assert sum(row["asked"] == "0" for row in SENTENCES) >= 50


def test_advice_and_tests_that_prescribe_a_barred_medicine_are_asked() -> None:
    assert [text for text in GIVING if not is_asked(text)] == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("stop if drowsy: alprazolam 0.5 HS", True),
        ("reduce pain with tramadol 50 mg BD", True),
        ("Don't stop alprazolam", True),
        ("बुखार न हो तो ट्रामाडोल दो बार", True),
        ("ट्रामाडोल बंद न करें", True),
        ("Do not stop alprazolam suddenly", False),
        ("stop alprazolam if drowsy", False),
        ("reduce alprazolam by half each week", False),
        ("अचानक अल्प्राज़ोलम बंद न करें, धीरे-धीरे घटाएँ", False),
        ("ट्रामाडोल एकदम बंद न करें", False),
    ],
)
def test_an_end_that_is_none_is_asked_and_a_taper_is_not(text: str, asked: bool) -> None:
    assert is_asked(text) is asked


def test_what_is_told_to_take_is_asked_beside_what_is_told_to_stop() -> None:
    told = list(left_to_ask("Stop diazepam and take lorazepam 1 mg at night. Avoid tramadol; no codeine."))
    assert [finding.medicine for clause in told for finding in find(clause)] == ["Lorazepam"]


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(isinstance(clause, str) for clause in left_to_ask(text))
