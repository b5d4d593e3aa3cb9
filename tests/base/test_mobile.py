"""Mobile numbers: every spelling is normalised to one."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.base.mobile import mask, normalise

PREFIXES = st.sampled_from(["", "0", "91", "+91", "+91 ", "0091", "+91-", "(+91) ", "\u200e+91\u00a0"])
SCRIPTS = st.sampled_from(["0123456789", "०१२३४५६७८९", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "০১২৩৪৫৬৭৮৯"])
DEMO_NUMBERS = st.integers(9000000001, 9000099999)


@given(DEMO_NUMBERS, PREFIXES, SCRIPTS, st.sampled_from(["", " ", "-", "\u2011", "."]))
def test_every_spelling_is_normalised_to_the_same_number(number: int, prefix: str, script: str, gap: str) -> None:
    written = f"{str(number)[:5]}{gap}{str(number)[5:]}".translate(str.maketrans("0123456789", script))
    assert normalise(f" {prefix}{written} ") == f"+91{number}"


@given(DEMO_NUMBERS)
def test_normalising_is_idempotent(number: int) -> None:
    assert normalise(normalise(str(number))) == f"+91{number}"


def test_a_mobile_that_begins_with_91_keeps_all_its_digits() -> None:
    assert normalise("9198765432") == "+919198765432"


@pytest.mark.parametrize(
    "text", ["", "98765", "ramesh", "9.19877E+11", "9876543210 ext 5", "+91+9876543210", "=9876543210"]
)
def test_an_invalid_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Give a mobile number of 10 digits\.$"):
        normalise(text)


@pytest.mark.parametrize("text", ["01123456789", "5876543210", "98765432101", "1800-208-8900"])
def test_landlines_and_wrong_lengths_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^This is not an Indian mobile number\."):
        normalise(text)


@pytest.mark.parametrize("text", ["+14155552671", "+447911123456", "0097150 1234567"])
def test_numbers_of_other_countries_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="other countries"):
        normalise(text)


@given(st.text(max_size=80))
def test_any_text_is_an_indian_number_or_a_refusal(text: str) -> None:
    number = ""
    with contextlib.suppress(ValueError):
        number = normalise(text)
    assert number == "" or re.fullmatch(r"\+91[6-9][0-9]{9}", number)


def test_a_masked_number_shows_the_ends_only() -> None:
    assert mask("+919876543210") == "98xxxxxx10"


@pytest.mark.parametrize("text", ["", "+91", "12345"])
def test_a_short_text_is_masked_completely(text: str) -> None:
    assert set(mask(text)) <= {"x"}
