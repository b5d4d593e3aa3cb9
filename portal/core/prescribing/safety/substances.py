"""Substances of a medicine's row: a combination is several, each with its own strength."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from portal.core.formulary.classes import substance
from portal.core.formulary.ways import ways_of
from portal.core.prescribing.dosing.phrases import normalised
from portal.core.prescribing.notes import Item
from portal.core.prescribing.safety import tables

SYSTEMIC = frozenset({"mouth", "injected", "rectum"})
Names = Callable[[str], str]  # of a brand or another spelling -> the generic name, as the formulary has it
_PART = re.compile(r"\s*(?:\+|&|/|\band\b|\bwith\b|और)\s*")
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(mg|mcg|gm|g)?(?:\s*/\s*(\d+(?:\.\d+)?)?\s*ml)?\b")
_IN_MG = {"mg": Fraction(1), "mcg": Fraction(1, 1000), "g": Fraction(1000), "gm": Fraction(1000)}


@dataclass(frozen=True)
class Part:
    """One substance of a row. `strength` in mg, of one piece or (`per_ml`) one ml; None when it cannot be read."""

    name: str
    strength: Fraction | None = None
    per_ml: bool = False


@dataclass(frozen=True)
class Row:
    """A medicine as the rules of safety see it: a row of the form, or one that the patient takes already."""

    name: str
    generic: str
    parts: tuple[Part, ...]
    is_systemic: bool
    item: Item | None = None

    def members(self, group: str) -> frozenset[str]:
        """Return which members of a group it contains; a medicine for skin, eye, ear or nose contains none."""
        return among(self.generic, tables.groups()[group]) if self.is_systemic else frozenset()


def row_of(item: Item, named: Names) -> Row:
    """Build the view of a typed row."""
    generic = named(item.drug)
    return Row(item.drug, generic, _parts(generic, item.strength), _is_systemic(item.form, generic), item)


def taken(name: str, named: Names) -> Row:
    """Build the view of a medicine that the patient takes already; only its name is known."""
    generic = named(name)
    return Row(name, generic, _parts(generic, ""), _is_systemic("", generic))


def amounts(text: str) -> tuple[object, ...]:
    """Return what a strength comes to, equal for two spellings of it: in mg where it can be read, else as text."""
    plain = normalised(text.replace(",", ""))
    found = _strengths(text, len(list(_STRENGTH.finditer(plain))))
    figures = re.findall(r"\d+(?:\.\d+)?(?!\s*ml)", plain)
    is_read = len(found) == len(figures) and all(amount is not None for amount, _per_ml in found)
    return tuple(found) if is_read else ("".join(plain.split()),)


def among(text: str, names: Iterable[str]) -> frozenset[str]:
    """Return the names that stand in a text as whole words, salts and forms aside."""
    words = f" {' '.join(substance(text))} "
    return frozenset(name for name in names if f" {' '.join(substance(name))} " in words)


def _is_systemic(form: str, generic: str) -> bool:
    ways = ways_of(form) or ways_of(generic)
    is_gel = {"skin", "rinsed"} <= ways  # a gel may be for the stomach, but a painkiller's is for the skin
    return not ways or (bool(ways & SYSTEMIC) and not is_gel)


@lru_cache(maxsize=4096)
def _parts(generic: str, strength: str) -> tuple[Part, ...]:
    names = [" ".join(substance(part)) for part in _PART.split(generic)]
    names = [name for name in names if name]
    found = _strengths(strength, len(names))
    return tuple(Part(name, *each) for name, each in zip(names, found, strict=True))


def _strengths(text: str, count: int) -> list[tuple[Fraction | None, bool]]:
    """Read as many strengths as there are substances; none at all when the numbers differ."""
    matches = list(_STRENGTH.finditer(normalised(text.replace(",", ""))))
    units = [match[2] for match in matches]
    if len(matches) != count or not units or units[-1] is None:
        return [(None, False)] * count
    return [_strength(match, match[2] or units[-1]) for match in matches]


def _strength(match: re.Match[str], unit: str) -> tuple[Fraction | None, bool]:
    """Return the strength in mg, and whether it is that of one ml; None for so much in no ml at all."""
    amount, per_ml = Fraction(match[1]) * _IN_MG[unit], match[0].endswith("ml")
    if not per_ml:
        return amount, False
    volume = Fraction(match[3] or 1)
    return (amount / volume, True) if volume else (None, False)
