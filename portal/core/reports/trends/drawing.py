"""Geometry of the drawings: axes with round numbers, lines, stacked bars, bars and heat, in units of the drawing.

Labels are written beside the drawing, not in it, so that they stay readable at any width and in any colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from portal.base.lazy import lazy
from portal.core.reports.trends.section import Section, Value

WIDTH, HEIGHT = 1000.0, 200.0
GAP = 0.25  # of a bar's place
LEVELS = 5  # of heat


@dataclass(frozen=True)
class Line:
    """One line: the runs of points that follow each other, and points that stand alone."""

    part: str
    runs: list[str]
    dots: list[tuple[float, float]]


@dataclass(frozen=True)
class Box:
    """A part of a bar."""

    part: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawing:
    """The drawing of a section whose numbers share one scale."""

    section: Section

    @lazy
    def drawn(self) -> list[int]:
        """Places of the columns that are drawn."""
        return [place for place, column in enumerate(self.section.columns) if column.part]

    @lazy
    def top(self) -> float:
        """The round number at the upper end of the axis."""
        sums = self.section.drawing == "stacks"
        rows = [[row.values[place] or 0 for place in self.drawn] for row in self.section.rows]
        return round_top(max((sum(row) if sums else max(row, default=0) for row in rows), default=0))

    @property
    def ticks(self) -> list[float]:
        """Numbers on the axis, from the top."""
        return [self.top, self.top / 2, 0]

    @property
    def lines(self) -> list[Line]:
        """The lines, each broken where there is nothing to tell."""
        return [self._line(place) for place in self.drawn]

    @property
    def boxes(self) -> list[Box]:
        """The parts of all bars, from the bottom up."""
        found, step = [], WIDTH / max(len(self.section.rows), 1)
        for number, row in enumerate(self.section.rows):
            y = HEIGHT
            for place in self.drawn:
                height = HEIGHT * (row.values[place] or 0) / self.top
                if height:
                    y -= height
                    part = self.section.columns[place].part
                    found.append(
                        Box(
                            part, _short(step * (number + GAP / 2)), _short(y), _short(step * (1 - GAP)), _short(height)
                        )
                    )
        return found

    @property
    def labels(self) -> list[str]:
        """Labels under the axis: the first, the middle one, and the last."""
        names = [row.label for row in self.section.rows]
        if len(names) < 3:
            return names
        return [names[0], names[len(names) // 2], names[-1]]

    def width(self, value: Value) -> float:
        """Return how long a bar is, of a hundred."""
        return _short(100 * (value or 0) / self.top) if self.top else 0

    def level(self, value: Value) -> int:
        """Return how hot a cell is: 1 to LEVELS, 0 for nothing to tell."""
        most = max((each for row in self.section.rows for each in row.values if each is not None), default=0)
        if value is None:
            return 0
        return 1 + min(int(LEVELS * value / most), LEVELS - 1) if most else 1

    def _line(self, place: int) -> Line:
        runs: list[list[tuple[float, float]]] = [[]]
        for number, row in enumerate(self.section.rows):
            value = row.values[place]
            if value is None:
                runs.append([])
            else:
                runs[-1].append((self._across(number), _short(HEIGHT - HEIGHT * value / self.top)))
        longer = [" ".join(f"{x:g},{y:g}" for x, y in run) for run in runs if len(run) > 1]
        return Line(self.section.columns[place].part, longer, [run[0] for run in runs if len(run) == 1])

    def _across(self, number: int) -> float:
        rows = len(self.section.rows)
        return _short(WIDTH * (number + 0.5) / rows) if rows else 0


def round_top(most: float) -> float:
    """Return a round number at or above the most: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten; at least 1."""
    if most <= 1:
        return 1
    power: float = 10.0 ** math.floor(math.log10(most))
    return next(factor * power for factor in (1, 2, 3, 4, 5, 6, 8, 10, 20) if factor * power >= most)


def drawings(sections: Sequence[Section]) -> dict[str, Drawing]:
    """Return the drawing of each section, by its key."""
    return {section.key: Drawing(section) for section in sections}


def _short(value: float) -> float:
    return round(value, 2)
