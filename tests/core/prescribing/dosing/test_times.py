"""Pictures of the day: only where the dose says the times."""

from fractions import Fraction

import pytest

from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.dosing.times import pictured

ONE, HALF = Fraction(1), Fraction(1, 2)


@pytest.mark.parametrize(
    ("dose", "day"),
    [
        ("1-0-1", {"morning": ONE, "night": ONE}),
        ("½-0-½-1", {"morning": HALF, "evening": HALF, "night": ONE}),
        ("1 tab BD", {"morning": ONE, "night": ONE}),
        ("TDS", {"morning": None, "noon": None, "night": None}),
        ("1 QID", {"morning": ONE, "noon": ONE, "evening": ONE, "night": ONE}),
        ("1 HS", {"bedtime": ONE}),
        ("सुबह 2, रात 1", {"morning": Fraction(2), "night": ONE}),
    ],
)
def test_the_times_of_the_day_have_their_amounts(dose, day):
    (step,) = read(dose).steps
    assert pictured(step) == day


@pytest.mark.parametrize("dose", ["1 OD", "1 q6h", "1 weekly", "1 SOS", "1 BD SOS", "1 STAT", "1 on alternate days"])
def test_what_names_no_time_has_no_picture(dose):
    (step,) = read(dose).steps
    assert pictured(step) == {}
