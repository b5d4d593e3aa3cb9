"""The pharmacist's form: who collects, and which brand is given."""

from datetime import date
from typing import Any

import pytest

from portal.base.errors import Invalid
from portal.core.dispensing import form
from portal.core.dispensing.collector import Collector
from portal.core.dispensing.form import Line
from portal.core.prescriptions.models import PrescribedItem
from tests.consulting import make_drug

ITEMS = [PrescribedItem(position=0, drug="Amlodipine", quantity=30)]
TODAY = date(2026, 11, 23)
SOME = {"items-0-quantity": "10"}
WIFE = {"collected_by": "Sita Kumar", "identity_kind": "aadhaar", "identity_last4": "१२३४"}


@pytest.fixture(autouse=True)
def medicines(db: None) -> None:
    make_drug("Amlodipine", brands="Amlong|Stamlo")
    make_drug("Cetirizine", brands="Okacet")


def wrong(**typed: str) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        form.read(ITEMS, SOME | {name.replace("__", "-"): text for name, text in typed.items()}, on=TODAY)
    return dict(caught.value.fields)


def test_nobody_named_is_the_patient() -> None:
    empty = {"collected_by": " ", "identity_kind": "", "identity_last4": ""}
    assert form.read(ITEMS, SOME | empty, on=TODAY).collector == Collector()


def test_a_representative_has_name_kind_and_the_last_four_of_the_identity() -> None:
    assert form.read(ITEMS, SOME | WIFE, on=TODAY).collector == Collector("Sita Kumar", "aadhaar", "1234")
    passport = WIFE | {"identity_kind": "passport", "identity_last4": " z12a "}
    assert form.read(ITEMS, SOME | passport, on=TODAY).collector == Collector("Sita Kumar", "passport", "Z12A")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identity_kind": ""}, "identity_kind"),
        ({"identity_kind": "library"}, "identity_kind"),
        ({"identity_last4": ""}, "identity_last4"),
        ({"identity_last4": "123"}, "identity_last4"),
        ({"identity_last4": "1234 5678 9012"}, "identity_last4"),  # never the whole number
        ({"identity_last4": "12-4"}, "identity_last4"),
        ({"collected_by": ""}, "collected_by"),
    ],
)
def test_a_representative_without_an_identity_is_refused(changes: dict[str, str], field: str) -> None:
    assert set(wrong(**WIFE | changes)) == {field}


def test_a_form_of_before_that_names_somebody_without_identity_fields_is_taken() -> None:
    assert form.read(ITEMS, SOME | {"collected_by": "Wife"}, on=TODAY).collector == Collector("Wife")


def test_another_brand_of_the_same_salt_is_given_with_a_reason() -> None:
    brand: dict[str, Any] = {"items-0-brand": " Amlong  5 ", "items-0-brand_reason": "Not in stock"}
    assert form.read(ITEMS, SOME | brand, on=TODAY).lines == (Line(ITEMS[0], 10, "Amlong 5", "Not in stock"),)


def test_the_brand_of_what_is_not_given_does_not_matter() -> None:
    typed = {"items-0-quantity": "", "items-0-brand": "Okacet", "indent-x": "yes"}
    assert form.read(ITEMS, typed, on=TODAY).lines == ()


@pytest.mark.parametrize(
    ("brand", "reason", "fields"),
    [
        ("Okacet", "Not in stock", {"items-0-brand"}),
        ("Amlong", "", {"items-0-brand_reason"}),
        ("", "Not in stock", {"items-0-brand"}),
        ("Okacet", "", {"items-0-brand", "items-0-brand_reason"}),
        ("A" * 121, "Not in stock", {"items-0-brand"}),
        ("Amlong", "x" * 121, {"items-0-brand_reason"}),
    ],
)
def test_a_brand_of_another_salt_or_without_a_reason_is_refused(brand: str, reason: str, fields: set[str]) -> None:
    assert set(wrong(items__0__brand=brand, items__0__brand_reason=reason)) == fields


def test_indents_are_collected_without_any_quantity() -> None:
    assert form.read(ITEMS, {"indent-abc": "yes", "indent-def": "yes"}, on=TODAY).indents == {"abc", "def"}
