"""The cited tables of safety, as the rules read them: one source a line; docs/clinical.md: who signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from portal.core.formulary.nearness import Spelt
from portal.core.prescribing.safety.concerns import Tier
from portal.core.rules import tables


@dataclass(frozen=True)
class Pair:
    """Two groups of medicines that are questioned together."""

    rule: str
    tier: Tier
    one: str
    other: str
    why: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Person:
    """A group of medicines that is questioned below an age in years, or in a state (pregnant)."""

    rule: str
    tier: Tier
    medicine: str
    below_age: int | None
    state: str
    why: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Limit:
    """The most of a substance that an adult takes by mouth on one day, and the largest single piece, in mg."""

    most_a_day: Fraction
    largest: Fraction
    source: str


@dataclass(frozen=True)
class AllergyClass:
    """Words for an allergy, the group they bar, and a related group that is only mentioned."""

    name: str
    words: tuple[str, ...]
    group: str
    near: str
    source: str


@tables.per_version
def groups() -> Mapping[str, frozenset[str]]:
    """Map each group to the names of its members."""
    return {row["name"]: frozenset(row["members"].split("|")) for row in _rows("groups")}


@tables.per_version
def pairs() -> tuple[Pair, ...]:
    """Return the interactions."""
    return tuple(
        Pair(row["rule"], _tier(row), row["one"], row["other"], _why(row), row["source"]) for row in _rows("pairs")
    )


@tables.per_version
def people() -> tuple[Person, ...]:
    """Return what is questioned by age or pregnancy."""
    return tuple(
        Person(
            row["rule"],
            _tier(row),
            row["medicine"],
            int(row["below_age"]) if row["below_age"] else None,
            row["state"],
            _why(row),
            row["source"],
        )
        for row in _rows("people")
    )


@tables.per_version
def limits() -> Mapping[str, Limit]:
    """Map each substance to its limits."""
    return {
        row["substance"]: Limit(Fraction(row["most_a_day_mg"]), Fraction(row["largest_mg"]), row["source"])
        for row in _rows("doses")
    }


@tables.per_version
def allergies() -> tuple[AllergyClass, ...]:
    """Return the classes of allergies."""
    return tuple(
        AllergyClass(row["name"], tuple(row["words"].split("|")), row["group"], row["near"], row["source"])
        for row in _rows("allergies")
    )


@tables.per_version
def allergy_spellings() -> Spelt:
    """Return the words of the classes of allergies, for those that are misspelt or in Devanagari."""
    words = {word: each.name for each in allergies() for word in each.words if " " not in word}
    return Spelt(words)


def _rows(name: str) -> list[Mapping[str, str]]:
    return tables.rows(f"safety_{name}")


def _tier(row: Mapping[str, str]) -> Tier:
    return cast(Tier, row["tier"])


def _why(row: Mapping[str, str]) -> Mapping[str, str]:
    return {"en": row["why"], "hi": row["why_hi"]}
