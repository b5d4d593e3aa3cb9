"""Parser of a dose: the texts of a row become one line, or None. Nothing is guessed: two readings are none."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

from portal.core.prescribing.dosing.lines import Line, Named, Parts, Rhythm, Step, Times
from portal.core.prescribing.dosing.phrases import Token, tokens

MEASURED = {"ml", "drop", "puff", "spray", "unit", "teaspoon", "mg", "mcg", "g"}
_ONE = Fraction(1)
_SINGLE = ("rhythm", "parts", "meal", "site", "days")


@lru_cache(maxsize=8192)
def read(*texts: str, beside: str = "") -> Line | None:
    """Parse texts that together say one dose. None when a part is not understood, or they contradict each other.

    `beside` counts only when all of it is understood: instructions are free text.
    """
    parsed = [tokens(text) for text in texts]
    if any(each is None for each in parsed):
        return None
    return _line([each or [] for each in (*parsed, tokens(beside))])


def _line(found: Sequence[list[Token]]) -> Line | None:
    long = [each for each in found if Token("then") in each]
    if len(long) > 1:
        return None
    common = [token for each in found if each not in long for token in each]
    own = _split(long[0]) if long else [[]]
    steps = [_step([token for token in [*common, *each] if token.kind != "taper"]) for each in own]
    if (Token("taper") in common and not long) or any(step is None for step in steps):
        return None
    whole = tuple(step for step in steps if step)
    if len(whole) > 1 and not all(step.rhythm for step in whole):
        return None
    return Line(whole) if whole != (Step(),) else None


def _split(found: Iterable[Token]) -> list[list[Token]]:
    steps: list[list[Token]] = [[]]
    for token in found:
        if token.kind == "then":
            steps.append([])
        else:
            steps[-1].append(token)
    return steps


def _step(found: list[Token]) -> Step | None:
    """Build one step from its phrases; None when two of them contradict each other."""
    said = {kind: list(dict.fromkeys(token.value for token in found if token.kind == kind)) for kind in _SINGLE}
    if any(len(values) > 1 for kind, values in said.items() if kind != "rhythm"):
        return None
    kinds = {token.kind for token in found}
    timed = _timed(found, said["parts"])
    if timed is None or {"and", "needed"} <= kinds:  # "BD and SOS" is regular and more; "BD SOS" is at most twice
        return None
    amount, unit, parts = timed
    rhythm = _rhythm(said["rhythm"], parts)
    if rhythm == _UNCLEAR or ("daily" in kinds and not _is_daily(rhythm, amount)):
        return None
    return Step(
        amount=amount,
        unit=unit,
        rhythm=Times(1) if rhythm is None and "daily" in kinds else rhythm,
        meal=next(iter(said["meal"]), ""),
        site=next(iter(said["site"]), ""),
        days=next(iter(said["days"]), None),
        till_review="till_review" in kinds,
        needed="needed" in kinds,
    )


_UNCLEAR = Named("")
Timed = tuple[Fraction | None, str, Parts | None]


def _is_daily(rhythm: Rhythm | None, amount: Fraction | None) -> bool:
    """Tell whether "daily" says nothing new; alone with two tablets it may be two at once, or one twice."""
    if rhythm is None:
        return amount is None or amount <= 1
    return isinstance(rhythm, Times | Parts) or rhythm == Named("bedtime")


def _timed(found: list[Token], parts: list[tuple[tuple[Fraction, ...], str]]) -> Timed | None:
    order = [token for token in found if token.kind in ("amount", "slot")]
    amounts = [token.value for token in order if token.kind == "amount"]
    if any(token.kind == "slot" for token in order):
        return None if parts else _by_words(order)
    if len(set(amounts)) > 1:
        return None
    amount, unit = amounts[0] if amounts else (None, "")
    return _by_parts(amount, unit, *parts[0]) if parts else (amount, unit, None)


def _by_parts(amount: Fraction | None, unit: str, each: tuple[Fraction, ...], own: str) -> Timed | None:
    """1-0-1, beside an amount: it is how much at each mark when it is measured; else both must say the same."""
    if unit and own and unit != own:
        return None
    marks = {part for part in each if part}
    if amount is None:
        return _even(each, own)
    if marks == {_ONE} and (unit in MEASURED and not own):
        return amount, unit, Parts(each)
    return _even(each, unit or own) if marks == {amount} else None


def _by_words(order: list[Token]) -> Timed | None:
    """Pair amounts with times of the day: "1 in the morning, 2 at night", सुबह 1, रात 1, "1 morning and night"."""
    kinds = "".join("a" if token.kind == "amount" else "s" for token in order)
    slots = [token.value for token in order if token.kind == "slot"]
    amounts = [token.value for token in order if token.kind == "amount"]
    units = {unit for _amount, unit in amounts if unit}
    if len(set(slots)) < len(slots) or len(units) > 1:
        return None
    unit = next(iter(units), "")
    values = {value for value, _unit in amounts}
    if not amounts or (len(values) == 1 and kinds[0] == "a" and set(kinds[1:]) == {"s"}):
        return next(iter(values), None), unit, Parts(_placed(slots, [_ONE] * len(slots)))
    if len(amounts) == len(slots) + 1 and len(values) == 1:
        kinds, amounts = kinds[1:], amounts[1:]
    if kinds not in ("as" * len(slots), "sa" * len(slots)):
        return None
    return _even(_placed(slots, [value for value, _unit in amounts]), unit)


def _placed(slots: list[int], values: list[Fraction]) -> tuple[Fraction, ...]:
    by_place = dict(zip(slots, values, strict=True))
    return tuple(by_place.get(place, Fraction()) for place in range(4))


def _even(each: tuple[Fraction, ...], unit: str) -> Timed:
    """Take out the amount that is the same at every time."""
    marks = {part for part in each if part}
    amount = marks.pop() if len(marks) == 1 else _ONE
    return amount, unit, Parts(tuple(part / amount for part in each))


def _rhythm(rhythms: list[Rhythm], parts: Parts | None) -> Rhythm | None:
    """Reconcile rhythm and times of the day: "twice a day, morning and night" is one; BD at 1-1-1 is none."""
    bedtime, plain = Named("bedtime"), [each for each in rhythms if each != Named("bedtime")]
    if len(plain) > 1:
        return _UNCLEAR
    marked = sum(1 for part in parts.each if part) if parts else 0
    only_night = bool(parts) and marked == 1 and bool(parts and parts.each[3])
    if bedtime in rhythms and (only_night or (not parts and plain in ([], [Times(1)]))):
        return bedtime
    if bedtime in rhythms or (parts and plain and plain != [Times(marked)]):
        return _UNCLEAR
    return parts or (plain[0] if plain else None)
