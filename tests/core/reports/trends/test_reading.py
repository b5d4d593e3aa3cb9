"""A range adds up to the same from months as from days."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.reports.models import ALL, ReportRow
from portal.core.reports.trends import reading
from portal.core.reports.trends.reading import Range

FIRST, DAYS = date(2024, 11, 20), 700


@pytest.fixture
def kept(db):
    """Every day has its place in the range as its count; months are the sums of their days."""
    months = Counter()
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        ReportRow.create(begins=day, part="p", counts={"n": number})
        months[day.replace(day=1)] += number
    for begins, count in months.items():
        ReportRow.create(begins=begins, is_month=True, part="p", counts={"n": count})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begin=st.integers(0, DAYS - 1), length=st.integers(1, DAYS))
def test_a_range_adds_up_to_its_days(kept, begin, length):
    end = min(begin + length, DAYS) - 1
    chosen = Range(FIRST + timedelta(days=begin), FIRST + timedelta(days=end))
    assert reading.total(chosen, "p")["n"] == sum(range(begin, end + 1))
    assert sum(counts["n"] for counts in reading.by_slot(chosen, "p").values()) == sum(range(begin, end + 1))


def test_a_range_is_drawn_by_day_week_or_month_by_its_length():
    steps = [Range(FIRST, FIRST + timedelta(days=days - 1)).step for days in (31, 32, 190, 191)]
    assert steps == ["day", "week", "week", "month"]


def test_the_days_before_are_as_many():
    before = Range(date(2026, 11, 3), date(2026, 11, 30)).before()
    assert (before.first, before.last) == (date(2026, 10, 6), date(2026, 11, 2))


def test_a_year_ago_has_the_same_weekdays():
    ago = Range(date(2026, 11, 3), date(2026, 11, 30)).a_year_ago()
    assert ago.first.weekday() == date(2026, 11, 3).weekday()


def test_another_specialty_or_centre_is_not_added(db):
    ReportRow.create(begins=FIRST, part="p", counts={"n": 1})
    ReportRow.create(begins=FIRST, part="p", specialty=2, counts={"n": 5})
    ReportRow.create(begins=FIRST, part="p", centre=3, counts={"n": 7})
    assert reading.total(Range(FIRST, FIRST), "p") == {"n": 1}
    assert reading.total(Range(FIRST, FIRST, specialty=2), "p") == {"n": 5}
    assert reading.by_centre(Range(FIRST, FIRST), "p", [3]) == {3: {"n": 7}}
    assert ALL == 0
