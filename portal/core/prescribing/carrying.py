"""What was given on one version of a prescription, counted on the next: by substance, then strength and form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Substances = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Line:
    """One medicine of a version: how much was given (of an old one), how much is prescribed (by a new one)."""

    drug: str
    form: str
    strength: str
    quantity: int
    given: int = 0

    @property
    def dose(self) -> tuple[str, str]:
        """Form and strength, however they were spaced."""
        return self.form.casefold(), "".join(self.strength.casefold().split())


def carried(old: Sequence[Line], new: Sequence[Line], substances: Callable[[str], Substances]) -> list[int]:
    """Count for each new line what was given of its substance: to the same strength and form first, then in order.

    What no line can take any more stays with the substance's first one, so that it is said. What was stopped is left
    out.
    """
    found = [0] * len(new)
    known = [substances(line.drug) for line in new]
    for line in old:
        its = substances(line.drug)
        same = [place for place, names in enumerate(known) if names & its]
        _spread(line, same, new, found)
    return found


def _spread(line: Line, same: list[int], new: Sequence[Line], found: list[int]) -> None:
    left = line.given
    for place in sorted(same, key=lambda place: new[place].dose != line.dose):  # stable: else in order
        part = max(0, min(left, new[place].quantity - found[place]))
        found[place] += part
        left -= part
    if same:
        found[same[0]] += left
