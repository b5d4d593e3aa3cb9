"""Parts: how much may be given at a time, and from when more."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.dispensing.parts import Part, part_of
from portal.core.prescriptions.models import PrescribedItem
from portal.settings import clinic

DAY = date(2026, 11, 23)
LONGEST = 366
pytestmark = pytest.mark.usefixtures("db")
only_read = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def item(quantity: int, days: int | None, *, chronic: bool = False) -> PrescribedItem:
    return PrescribedItem(position=0, drug="It", quantity=quantity, duration_days=days, chronic=chronic)


def part(row: PrescribedItem, *handed: tuple[int, int], day: int) -> Part:
    """`handed`: (days since the first, quantity)."""
    left = row.quantity - sum(quantity for _day, quantity in handed)
    found = part_of(row, [(on(since), quantity) for since, quantity in handed], left, on=on(day))
    assert found.now <= found.permitted <= found.left
    return replace(found, permitted=0)  # what a written permission adds: test_permission.py


def test_a_short_course_is_given_at_once() -> None:
    assert part(item(15, 5), day=0) == Part(15, 15, 5)
    assert part(item(15, 5), (0, 15), day=0) == Part(0, 0)


def test_a_long_course_is_given_by_the_month_and_the_next_date_is_told() -> None:
    row = item(366, 366)
    assert part(row, day=0) == Part(30, 366, 30, on(23))
    assert part(row, (0, 30), day=0) == Part(0, 336, None, on(23))
    assert part(row, (0, 30), day=22) == Part(0, 336, None, on(23))
    assert part(row, (0, 30), day=23) == Part(30, 336, 30, on(53))


def test_three_months_are_given_for_a_long_standing_illness() -> None:
    row = item(360, 180, chronic=True)  # two a day
    assert part(row, day=0) == Part(180, 360, 90, on(83))
    assert part(row, (0, 180), day=83) == Part(180, 180, 90)


def test_a_part_that_is_begun_may_be_completed_and_no_more() -> None:
    row = item(180, 180, chronic=True)
    assert part(row, (0, 40), day=10) == Part(50, 140, 50, on(83))
    assert part(row, (0, 40), (10, 50), day=10).now == 0


def test_whoever_comes_late_gets_a_whole_part_from_that_day() -> None:
    row = item(180, 180, chronic=True)
    assert part(row, (0, 30), day=60) == Part(90, 150, 90, on(60 + 83))


def test_packs_are_rounded_up() -> None:
    assert part(item(2, 180, chronic=True), day=0) == Part(1, 2, 90, on(83))
    assert part(item(1, 180, chronic=True), day=0) == Part(1, 1, 180)


def test_a_medicine_without_a_course_has_no_parts() -> None:
    assert part(item(20, None), day=0) == Part(20, 20)


def test_the_days_are_settings() -> None:
    clinic.put("dispense_days_default", "10")
    clinic.put("dispense_early_days", "2")
    assert part(item(30, 30), day=0) == Part(10, 30, 10, on(8))


def test_parts_of_a_week_do_not_begin_at_once() -> None:
    clinic.put("dispense_days_default", "7")
    assert part(item(30, 30), day=0) == Part(7, 30, 7, on(6))
    assert part(item(30, 30), (0, 7), day=5).now == 0


@only_read
@given(
    quantity=st.integers(1, 800),
    days=st.integers(1, LONGEST),
    chronic=st.booleans(),
    visits=st.lists(st.tuples(st.integers(0, 40), st.floats(0.05, 1)), max_size=12),
)
def test_nobody_holds_more_than_a_part_and_the_early_days(db, quantity, days, chronic, visits) -> None:
    row, handed, today = item(quantity, days, chronic=chronic), [], 0
    most, each = (90 if chronic else 30), days / quantity
    for later, share in visits:
        today += later
        found = part(row, *handed, day=today)
        assert found.now <= found.left == quantity - sum(many for _day, many in handed)
        assert found.now > 0 or found.left == 0 or found.next_on > on(today)
        if taken := min(found.now, max(1, round(found.now * share))):
            handed.append((today, taken))
        reach = 0.0
        for day, many in handed:
            reach = max(reach, day) + many * each
        assert reach - today <= most + 7 + each + 1e-6


@only_read
@given(quantity=st.integers(1, 800), days=st.integers(1, LONGEST), chronic=st.booleans())
def test_whoever_comes_on_the_told_day_gets_everything_in_time(db, quantity, days, chronic) -> None:
    row, handed, today = item(quantity, days, chronic=chronic), [], 0
    for _visit in range(LONGEST):
        found = part(row, *handed, day=today)
        assert found.now > 0
        handed.append((today, found.now))
        if found.next_on is None:
            break
        supplied = sum(many for _day, many in handed) * days / quantity
        today = (found.next_on - DAY).days
        assert today <= supplied + 1e-6, "the next part is due before the supply is used up"
    assert sum(many for _day, many in handed) == quantity
