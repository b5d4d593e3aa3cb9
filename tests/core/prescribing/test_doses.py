"""Doses in words, and quantities of a course."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.prescribing.doses import (
    FREQUENCIES,
    course_in_words,
    in_words,
    instructions_in_words,
    often_in_words,
    per_day,
    when_in_words,
)
from portal.core.prescribing.dosing.course import course_of
from portal.core.prescribing.notes import Item


def quantity_of(frequency: str, dose: str, days: int | None) -> int | None:
    return course_of(Item(0, "Something", dose=dose, frequency=frequency, duration_days=days)).quantity


@pytest.mark.parametrize(
    ("code", "times", "en", "hi"),
    [
        ("OD", 1, "once a day", "दिन में एक बार"),
        ("bd", 2, "twice a day", "दिन में दो बार"),
        ("T.D.S.", 3, "three times a day", "दिन में तीन बार"),
        (" qid ", 4, "four times a day", "दिन में चार बार"),
        ("HS", 1, "at bedtime", "सोते समय"),
        ("SOS", None, "when needed", "ज़रूरत पड़ने पर"),
        ("Stat", None, "at once", "तुरंत"),
        ("1-0-1", 2, "1 in the morning, 1 at night", "सुबह 1, रात 1"),
        ("q8h", 3, "every 8 hours", "हर 8 घंटे पर"),
        ("once a week", None, "once a week", "हफ़्ते में एक बार"),
    ],
)
def test_a_code_has_a_count_and_words_in_both_languages(code: str, times: int | None, en: str, hi: str) -> None:
    assert (per_day(code), in_words(code, "en"), in_words(code, "hi")) == (times, en, hi)


def test_free_text_stays_as_written_and_is_not_counted() -> None:
    assert in_words(" as it suits ", "hi") == "as it suits"
    assert per_day("as it suits") is None


@pytest.mark.parametrize(
    ("frequency", "dose", "days", "quantity"),
    [
        ("BD", "1", 5, 10),
        ("TDS", "2 tab", 3, 18),
        ("OD", "½", 5, 3),
        ("HS", "1", 90, 90),
        ("SOS", "1", 5, None),
        ("STAT", "1", 1, 1),  # one dose is one dose
        ("OD", "5 ml", 5, None),
        ("OD", "1", None, None),
        ("OD", "1", 0, None),
        ("once a week", "1", 30, 5),
        ("as it suits", "1", 30, None),
    ],
)
def test_the_default_quantity_covers_the_course(
    frequency: str, dose: str, days: int | None, quantity: int | None
) -> None:
    assert quantity_of(frequency, dose, days) == quantity


@given(st.sampled_from(sorted(FREQUENCIES)), st.text(max_size=12), st.integers(-5, 400) | st.none())
def test_a_quantity_is_whole_and_positive_or_absent(frequency: str, dose: str, days: int | None) -> None:
    quantity = quantity_of(frequency, dose, days)
    assert quantity is None or quantity > 0


@pytest.mark.parametrize(
    ("dose", "frequency", "hindi"),
    [
        ("1", "BD", "दिन में दो बार"),  # the paper has the dose beside it
        ("", "1-0-1 PC", "सुबह 1, रात 1, खाना खाने के बाद"),
        ("1-0-1", "", "सुबह 1, रात 1"),
        ("5 ml", "1-0-1", "सुबह 5 मिली, रात 5 मिली"),
        ("2 tab", "1-0-1", ""),  # 1 or 2 each time? The paper prints what was typed, and no more
        ("thin layer", "BD", "दिन में दो बार"),
        ("1", "as it suits", ""),
        ("1", "", ""),
    ],
)
def test_when_to_take_it_is_said_in_the_patients_language_or_not_at_all(dose: str, frequency: str, hindi: str) -> None:
    assert when_in_words(dose, frequency, "hi") == hindi


def test_a_frequency_with_amounts_stays_as_written_beside_a_dose() -> None:
    assert (often_in_words("BD", "en"), often_in_words(" 1-0-1 ", "en")) == ("twice a day", "1-0-1")


def test_instructions_that_are_understood_are_said_in_hindi() -> None:
    assert instructions_in_words("after food", "hi") == "खाना खाने के बाद"
    assert instructions_in_words("shake well · PC", "hi") == "खाना खाने के बाद"
    assert instructions_in_words("shake well", "hi") == ""


def test_a_row_shows_at_once_what_it_comes_to() -> None:
    row = Item(0, "Metformin", "tablet", "500 mg", frequency="1-0-1", duration_days=30, instructions="with food")
    assert course_in_words(row, "en") == "1 tablet in the morning, 1 tablet at night, with food: 60 tablets, 30 days"
    assert course_in_words(row, "hi") == "सुबह 1 गोली, रात 1 गोली, खाने के साथ: 60 गोलियाँ, 30 दिन"
    drops = Item(0, "Moxifloxacin", "eye drops", "0.5 %", "1 drop", "QID", 7, instructions="each eye")
    assert course_in_words(drops, "en") == "1 drop four times a day, in each eye: 56 drops (2.8 ml), 7 days"
    assert course_in_words(Item(0, "Something", frequency="as it suits"), "en") == ""
