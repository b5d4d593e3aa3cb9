"""What was given on earlier versions of a prescription, counted on the next: the same medicine in strength and form."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.core.formulary import ways
from portal.core.prescribing.safety.substances import amounts

_FIGURE = re.compile(r"(?<![^\W\d_])\d+(?:\.\d+)?")  # not that of D3 or B12
Same = Callable[[str, str], bool]  # of two names: whether they are one medicine


@dataclass(frozen=True)
class Line:
    """One medicine of a version: how much was given (of an old one), how much is prescribed (by a new one)."""

    drug: str
    form: str
    strength: str
    quantity: int
    given: int = 0

    @property
    def in_words(self) -> str:
        """The medicine in one line, without its count."""
        return " ".join(filter(None, (self.drug, self.strength, self.form)))


def carried(old: Sequence[Line], new: Sequence[Line], same: Same) -> list[int]:
    """Count for each new line what was given of it, in order, up to what it prescribes.

    Another strength or form is another thing in the patient's hand and never counted: it is told by `otherwise`. What
    no line can take any more stays with the first one, so that it is said. What was stopped is left out.
    """
    found = [0] * len(new)
    for line in old:
        places = [place for place, each in enumerate(new) if _counts(line, each, same)]
        _spread(line.given, places, new, found)
    return found


def otherwise(old: Sequence[Line], new: Sequence[Line], *, same: Same, shares: Same) -> list[list[Line]]:
    """List for each new line what was given of its substances but counts for none: another strength, form or part."""
    uncounted = [line for line in old if line.given and not any(_counts(line, each, same) for each in new)]
    return [[line for line in uncounted if shares(line.drug, each.drug)] for each in new]


def _spread(left: int, places: list[int], new: Sequence[Line], found: list[int]) -> None:
    for place in places:
        part = max(0, min(left, new[place].quantity - found[place]))
        found[place] += part
        left -= part
    if places:
        found[places[0]] += left


def _counts(one: Line, other: Line, same: Same) -> bool:
    return same(one.drug, other.drug) and _are_alike(one, other)


def _are_alike(one: Line, other: Line) -> bool:
    """Tell whether strength and form are the same, as far as both are known."""
    if not _are_equal_strengths(one, other) or ways.is_slow(one.form, one.drug) != ways.is_slow(other.form, other.drug):
        return False
    routes = ways.ways_of(one.form), ways.ways_of(other.form)
    return not all(routes) or bool(routes[0] & routes[1])


def _are_equal_strengths(one: Line, other: Line) -> bool:
    if one.strength and other.strength:
        return amounts(one.strength) == amounts(other.strength)
    figures = [_FIGURE.findall(line.strength or line.drug) for line in (one, other)]  # "Dolo 650"
    return not all(figures) or figures[0] == figures[1]
