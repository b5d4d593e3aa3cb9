"""ABHA number and address: optional, validated in format."""

import pytest

from portal.base.errors import Invalid
from portal.core.beneficiaries import abha


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("91-1234-5678-9012", "91123456789012"),
        (" 9112 3456 7890 12 ", "91123456789012"),
        ("९११२३४५६७८९०१२", "91123456789012"),
        ("", ""),
    ],
)
def test_a_number_is_normalised_to_14_digits(typed, kept):
    assert abha.normalise_number(typed) == kept
    assert abha.shown(kept) == ("91-1234-5678-9012" if kept else "")


@pytest.mark.parametrize("typed", ["1", "9112345678901", "911234567890123", "91-1234-5678-901x"])
def test_a_malformed_number_is_refused(db, typed):
    with pytest.raises(Invalid):
        abha.normalise_number(typed)


@pytest.mark.parametrize("typed", ["ramesh@abdm", "Ramesh.K@sbx", "91123456789012@abdm", "ram_1@abdm", ""])
def test_an_address_is_normalised_to_lower_case(typed):
    assert abha.normalise_address(typed) == typed.lower()


@pytest.mark.parametrize(
    "typed",
    ["ramesh", "@abdm", "r@abdm", "1ram@abdm", ".ram@abdm", "ram.@abdm", "a.b.c@abdm", "ram@gmail.com", "r m@abdm"],
)
def test_a_malformed_address_is_refused(db, typed):
    with pytest.raises(Invalid):
        abha.normalise_address(typed)
