"""Frequencies in words, and computed quantities."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.prescribing.doses import FREQUENCIES, default_quantity, in_words, per_day, units


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
    ],
)
def test_a_code_has_a_count_and_words_in_both_languages(code: str, times: int | None, en: str, hi: str) -> None:
    assert (per_day(code), in_words(code, "en"), in_words(code, "hi")) == (times, en, hi)


def test_free_text_stays_as_written_and_is_not_counted() -> None:
    assert in_words(" once a week ", "hi") == "once a week"
    assert per_day("once a week") is None


@pytest.mark.parametrize(
    ("dose", "pieces"),
    [
        ("1", 1),
        ("2 tab", 2),
        ("2 Tablets", 2),
        ("1 tab.", 1),
        ("0.5", Fraction(1, 2)),
        ("½", Fraction(1, 2)),
        ("1/2 tablet", Fraction(1, 2)),
        ("1½", Fraction(3, 2)),
        ("1 1/2 tab", Fraction(3, 2)),
        ("2 गोली", 2),
        ("१ गोली", 1),
    ],
)
def test_countable_doses_are_parsed(dose: str, pieces: Fraction) -> None:
    assert units(dose) == pieces


@pytest.mark.parametrize(
    "dose", ["", "tab", "5 ml", "2 drops", "500 mg", "1-2", "0", "1/0", "-1", "one", "1/2/3", "11/2", "3/2", "9" * 5000]
)
def test_other_doses_are_not_counted(dose: str) -> None:
    assert units(dose) is None


@pytest.mark.parametrize(
    ("frequency", "dose", "days", "quantity"),
    [
        ("BD", "1", 5, 10),
        ("TDS", "2 tab", 3, 18),
        ("OD", "½", 5, 3),
        ("HS", "1", 90, 90),
        ("SOS", "1", 5, None),
        ("STAT", "1", 1, None),
        ("OD", "5 ml", 5, None),
        ("OD", "1", None, None),
        ("OD", "1", 0, None),
        ("once a week", "1", 30, None),
    ],
)
def test_the_default_quantity_covers_the_course(
    frequency: str, dose: str, days: int | None, quantity: int | None
) -> None:
    assert default_quantity(frequency, dose, days) == quantity


@given(st.sampled_from(sorted(FREQUENCIES)), st.text(max_size=12), st.integers(-5, 400) | st.none())
def test_a_quantity_is_whole_and_positive_or_absent(frequency: str, dose: str, days: int | None) -> None:
    quantity = default_quantity(frequency, dose, days)
    assert quantity is None or quantity > 0
