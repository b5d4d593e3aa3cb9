"""Make the font whose letters are the pictures of a day's times, for the large-print sheet.

    .venv/bin/python -m scripts.pictures

Each letter is a box with our own icon (templates/_icons.html) in its corner: with a thick frame where something is
taken, with a thin one where nothing is. A letter costs a tenth of what an image costs when a sheet is printed.
"""

import math
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.basePen import BasePen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.svgLib.path import parse_path

from portal.core.paper.glyphs import PICTURES
from portal.core.paper.large_print import BOXES
from portal.paths import FONTS, TEMPLATES

EM = 1000  # is the height of a box, 18 mm
MM = EM / 18
ADVANCE, WIDTH, HEIGHT = 43 * MM, 41 * MM, 17.6 * MM  # four of them fill a line (large_print.css)
FRAMES = (1 * MM, 0.3 * MM)  # thick where something is taken, thin where nothing is
ICON, STROKE, LEFT, TOP = 0.4 * MM, 2.2, 2 * MM, 1.6 * MM  # of an icon unit; of 24 units
ROUND = 10  # corners of a round end
Point = tuple[float, float]


class Lines(BasePen):
    """Flattens a path into polylines, in icon units."""

    def __init__(self) -> None:
        super().__init__(None)
        self.lines: list[list[Point]] = []

    def _moveTo(self, point: Point) -> None:  # noqa: N802 fontTools' name
        self.lines.append([point])

    def _lineTo(self, point: Point) -> None:  # noqa: N802
        self.lines[-1].append(point)

    def _curveToOne(self, one: Point, two: Point, end: Point) -> None:  # noqa: N802
        start = self._getCurrentPoint()
        for step in range(1, 7):
            at = step / 6
            weights = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
            points = (start, one, two, end)
            x, y = (sum(w * p[axis] for w, p in zip(weights, points, strict=True)) for axis in (0, 1))
            self.lines[-1].append((x, y))

    def _closePath(self) -> None:  # noqa: N802
        self.lines[-1].append(self.lines[-1][0])


def stroked(path: str) -> Iterator[list[Point]]:
    """Yield outlines that together cover a stroked path: a bar for each piece, a disc at each of its ends."""
    pen = Lines()
    parse_path(path, pen)
    for line in pen.lines:
        for start, end in pairwise(line):
            yield _bar(start, end)
        for point in line:
            yield _disc(point)


def _bar(start: Point, end: Point) -> list[Point]:
    length = math.dist(start, end) or 1
    across = ((end[1] - start[1]) / length * STROKE / 2, (start[0] - end[0]) / length * STROKE / 2)
    sides = ((1, start), (1, end), (-1, end), (-1, start))
    return [(x + side * across[0], y + side * across[1]) for side, (x, y) in sides]


def _disc(centre: Point) -> list[Point]:
    turns = (2 * math.pi * step / ROUND for step in range(ROUND))
    return [(centre[0] + math.cos(turn) * STROKE / 2, centre[1] + math.sin(turn) * STROKE / 2) for turn in turns]


def _draw(pen: Any, outline: Sequence[Point], *, is_hole: bool = False) -> None:
    """Draw an outline clockwise, as TrueType fills it, a hole the other way round."""
    area = sum(x * other[1] - other[0] * y for (x, y), other in zip(outline, [*outline[1:], outline[0]], strict=True))
    points = list(outline) if (area < 0) != is_hole else list(reversed(outline))
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def _box(pen: Any, frame: float) -> None:
    for inset, is_hole in ((0.0, False), (frame, True)):
        left, low, right, high = inset, inset, WIDTH - inset, HEIGHT - inset
        _draw(pen, [(left, low), (left, high), (right, high), (right, low)], is_hole=is_hole)


def glyph_of(path: str, frame: float) -> Any:
    """Draw one box with its icon."""
    pen = TTGlyphPen(None)
    _box(pen, frame)
    for outline in stroked(path):
        _draw(pen, [(LEFT + x * ICON, HEIGHT - TOP - y * ICON) for x, y in outline])
    return pen.glyph()


def font() -> bytes:
    """Build the font, always with the same bytes."""
    shapes = dict(re.findall(r'"(\w+)": "([^"]+)"', (TEMPLATES / "_icons.html").read_text(encoding="utf-8")))
    drawn = {sign: (name, frame) for name, signs in BOXES.items() for sign, frame in zip(signs, FRAMES, strict=True)}
    names = {ord(sign): f"{name}.{FRAMES.index(frame)}" for sign, (name, frame) in drawn.items()}
    glyphs = {names[ord(sign)]: glyph_of(shapes[name], frame) for sign, (name, frame) in drawn.items()}
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", *glyphs])
    builder.setupCharacterMap(names)
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *glyphs], (round(ADVANCE), 0)))
    builder.setupHorizontalHeader(ascent=EM, descent=0)
    builder.setupNameTable({"familyName": "Paramarsh Pictures", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=EM, sTypoDescender=0, usWinAscent=EM, usWinDescent=0, fsType=0)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    made = BytesIO()
    builder.save(made)
    return made.getvalue()


if __name__ == "__main__":
    (FONTS / PICTURES).write_bytes(font())
