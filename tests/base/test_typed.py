"""Whole numbers as typed: a person's in digits of any script, a machine's in ASCII only."""

import pytest

from portal.base.typed import ascii_whole, whole


@pytest.mark.parametrize("text", ["10", " 10 ", "010", "१०", "１０", "١٠", "১০"])
def test_a_person_writes_a_whole_number_in_digits_of_any_script(text: str) -> None:
    assert whole(text, 1, 10) == 10


@pytest.mark.parametrize(
    "text", ["", " ", "-1", "+1", "1_0", "1,0", "1.0", "1e1", "१ ०", "½", "²", "①", "ten", "9" * 5000]
)
def test_signs_separators_and_other_marks_are_no_whole_number(text: str) -> None:
    assert whole(text, 0, 2**31) is None


@pytest.mark.parametrize(("text", "number"), [("0", None), ("1", 1), ("20", 20), ("21", None)])
def test_a_whole_number_is_within_its_bounds(text: str, number: int | None) -> None:
    assert whole(text, 1, 20) == ascii_whole(text, 1, 20) == number


@pytest.mark.parametrize("text", ["१०", "１０", " 10", "10\n", "²", "9" * 5000])
def test_a_machine_writes_ascii_digits_only(text: str) -> None:
    assert ascii_whole(text, 0, 2**31) is None
