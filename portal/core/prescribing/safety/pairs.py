"""Two medicines together: the same substance twice, and the cited interactions."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.prescribing.safety import tables
from portal.core.prescribing.safety.concerns import Concern, Tier
from portal.core.prescribing.safety.substances import Row
from portal.core.prescribing.safety.tables import Pair


def concerns_of(rows: Sequence[Row], taken: Sequence[Row]) -> Iterator[Concern]:
    """Yield what pairs raise: rows with each other, and rows with what the patient takes already."""
    for one, other in combinations(rows, 2):
        yield from _twice(one, other)
        yield from _together(one, other, is_known=_is_among(one, taken) and _is_among(other, taken))
    for one in rows:
        for other in taken:
            if not _same(one, other) and not _is_among(other, rows):
                yield from _together(one, other, is_known=_is_among(one, taken))


def _together(one: Row, other: Row, *, is_known: bool) -> Iterator[Concern]:
    """Yield the interactions of two medicines; those of two that are taken already are only noted."""
    said: set[str] = set()
    for pair in tables.pairs():
        if pair.rule not in said and _meet(pair, one, other):
            said.add(pair.rule)
            yield _concern(pair, one, other, is_known=is_known)


def _meet(pair: Pair, one: Row, other: Row) -> bool:
    return any(
        first != second
        for here, there in ((pair.one, pair.other), (pair.other, pair.one))
        for first in one.members(here)
        for second in other.members(there)
    )


def _concern(pair: Pair, one: Row, other: Row, *, is_known: bool) -> Concern:
    sentence = _(
        "%(one)s with %(other)s: %(why)s.", one=one.name, other=other.name, why=pair.why.get(current(), pair.why["en"])
    )
    place = one.item.place if one.item else None
    tier: Tier = "note" if is_known else pair.tier
    about = f"{one.name} + {other.name}"
    return Concern(pair.rule, tier, f"items-{place}-drug", about, sentence, pair.source, place)


def _twice(one: Row, other: Row) -> Iterator[Concern]:
    """Yield the same substance in two rows. Two strengths of one medicine make up a dose: that is only noted."""
    same = sorted(_same(one, other)) if one.is_systemic and other.is_systemic else []
    if not same or other.item is None:
        return
    is_made_up = one.generic.casefold() == other.generic.casefold() and _strengths(one) != _strengths(other)
    sentence = _("%(substance)s twice: %(one)s and %(other)s.", substance=same[0], one=one.name, other=other.name)
    place = other.item.place
    source = _("one substance under two names; clinician's sign-off")
    tier: Tier = "note" if is_made_up else "ask"
    yield Concern("same_substance_twice", tier, f"items-{place}-drug", same[0], sentence, source, place)


def _same(one: Row, other: Row) -> set[str]:
    return {part.name for part in one.parts} & {part.name for part in other.parts}


def _is_among(row: Row, others: Sequence[Row]) -> bool:
    return any(_same(row, other) for other in others)


def _strengths(row: Row) -> tuple[object, ...]:
    return tuple(part.strength for part in row.parts)
