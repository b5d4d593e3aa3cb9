"""Drawings: round axes, bars that add up, lines that break where there is nothing to tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.reports.trends.drawing import HEIGHT, WIDTH, Drawing, round_top
from portal.core.reports.trends.section import Column, Row, Section


def drawing(kind: str, *rows: tuple[float | None, ...]) -> Drawing:
    columns = [Column(f"c{number}", part=f"p{number}") for number in range(len(rows[0]))]
    return Drawing(Section("k", "K", "", kind, "Day", columns, [Row(str(n), row) for n, row in enumerate(rows)]))


@given(st.floats(0.01, 1e9))
def test_the_top_of_an_axis_is_near_above_the_most(most):
    assert most <= round_top(most) * (1 + 1e-9)
    assert round_top(most) <= max(2 * most, 1) * (1 + 1e-9)


def test_the_parts_of_a_bar_stand_on_each_other_within_the_drawing():
    boxes = drawing("stacks", (3, 2), (10, 0)).boxes
    first = [box for box in boxes if box.x < WIDTH / 2]
    assert [box.y + box.height for box in first] == pytest.approx([HEIGHT, first[0].y])
    assert all(box.y >= 0 and box.x + box.width <= WIDTH for box in boxes)


def test_a_line_breaks_where_there_is_nothing_to_tell_and_a_lone_point_is_a_dot():
    (line,) = drawing("lines", (1,), (2,), (None,), (4,)).lines
    assert (len(line.runs), len(line.dots)) == (1, 1)


def test_without_any_number_nothing_is_divided_by_nothing():
    empty = drawing("stacks", (0, 0))
    assert (empty.top, empty.boxes) == (1, [])
    assert empty.level(0) == 1
    assert empty.level(None) == 0


def test_the_hottest_cell_has_the_highest_level():
    heat = drawing("heat", (1, 50), (100, None))
    assert [heat.level(value) for value in (1, 50, 100, None)] == [1, 3, 5, 0]
