"""Columns of a register's file: proposed by their names, in English and Hindi."""

import pytest

from portal.base.errors import Invalid
from portal.core.register import columns
from tests.core.register.conftest import HEADER


def test_columns_are_proposed_by_what_they_are_usually_called():
    names = ["S. No.", "Beneficiary ID", "Name (English)", "Name in Hindi", "Sex", "D.O.B.", "Mobile No.", "Dispensary"]
    assert columns.proposed(names) == {field: place for place, field in enumerate(HEADER, 1)}
    assert columns.proposed(["लाभार्थी आईडी", "नाम", "लिंग", "जन्म तिथि"]) == {
        "ben_id": 0,
        "name": 1,
        "gender": 2,
        "date_of_birth": 3,
    }


def test_a_column_is_not_chosen_twice_and_needed_ones_are_chosen():
    with pytest.raises(Invalid) as wrong:
        columns.checked({"ben_id": "0", "name": "0", "gender": "9", "mobile": "x"}, 3)
    assert set(wrong.value.fields) == {"ben_id", "name", "gender", "date_of_birth", "mobile", "centre"}


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3-2-1950", "1950-02-03"),
        ("03/02/1950", "1950-02-03"),
        ("03.02.1950", "1950-02-03"),
        ("1950-02-03", "1950-02-03"),
    ],
)
def test_dates_with_the_day_first_become_iso(text, iso):
    assert columns.iso_of(text) == iso


def test_dates_are_taken_to_have_the_day_first_when_all_of_the_sample_have():
    place = {"date_of_birth": 0}
    assert columns.is_day_first(place, [["03-02-1950"], [""], ["1/1/1960"]])
    assert not columns.is_day_first(place, [["03-02-1950"], ["1960-01-01"]])
    assert not columns.is_day_first({}, [["03-02-1950"]])
