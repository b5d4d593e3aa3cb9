"""Vitals over time as points of a drawing."""

from datetime import date

from portal.core.chart.facts import PastVisit
from portal.core.chart.trend import trends_of


def measured(day: int, **vitals: float) -> PastVisit:
    return PastVisit(f"visit-{day}", date(2026, 10, day), vitals=vitals)


def test_a_single_measurement_is_no_trend() -> None:
    assert trends_of([measured(1, systolic=130, diastolic=80), measured(2)]) == []


def test_both_blood_pressures_share_one_drawing_from_left_to_right_and_the_higher_one_is_above() -> None:
    newest_first = [measured(21, systolic=150, diastolic=90), measured(1, systolic=130, diastolic=70)]
    (trend,) = trends_of(newest_first)
    assert (trend.names, trend.low, trend.high) == (("systolic", "diastolic"), 70, 150)
    assert trend.lines == ("2.0,9.0 118.0,2.0", "2.0,30.0 118.0,23.0")
    assert (trend.first, trend.last) == (date(2026, 10, 1), date(2026, 10, 21))


def test_what_never_changed_is_a_level_line_in_the_middle() -> None:
    (trend,) = trends_of([measured(2, weight=70), measured(1, weight=70)])
    assert trend.lines == ("2.0,16.0 118.0,16.0",)
