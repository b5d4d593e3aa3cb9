"""Too much, or a strength that does not exist: the daily dose of each substance against the cited limits."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from portal.base.language import gettext as _
from portal.core.formulary.ways import ways_of
from portal.core.prescribing.dosing.course import DROPS_A_ML, contradicts, line_of
from portal.core.prescribing.dosing.lines import Hourly, Named, Parts, Spaced, Step, Times, daily
from portal.core.prescribing.dosing.phrases import MOST_PIECES, PIECES, is_too_many
from portal.core.prescribing.dosing.wording import figure
from portal.core.prescribing.notes import Item
from portal.core.prescribing.safety import tables
from portal.core.prescribing.safety.concerns import Concern, Tier
from portal.core.prescribing.safety.substances import Names, Part, Row, among, amounts, row_of

STOP_FROM = 10  # times the most a day
DAYS_OF_WEEK = 7
# A daily dose of what is taken once a week has killed (methotrexate) or burns the gullet (bisphosphonates).
WEEKLY: tuple[tuple[str, Tier, str], ...] = (
    ("methotrexate", "stop", "FDA label of methotrexate, boxed warning; ISMP list of high-alert medications"),
    ("weekly bisphosphonate", "ask", "FDA label of alendronate, section 2"),
)
_MILLILITRES = {"ml": Fraction(1), "teaspoon": Fraction(5), "drop": Fraction(1, DROPS_A_ML)}
_IN_MG = {"mg": Fraction(1), "mcg": Fraction(1, 1000), "g": Fraction(1000)}
Strengths = Callable[[str, str], tuple[str, ...]]  # of a name and a form -> the strengths that the formulary lists


def no_strengths(_name: str, _form: str) -> tuple[str, ...]:
    """List none, where there is no formulary: nothing is compared."""
    return ()


def concerns_of(row: Row, item: Item, listed: Sequence[str] = ()) -> Iterator[Concern]:
    """Yield what the dose of a row raises. `listed`: the strengths of its substance in this form."""
    if ways_of(item.form) <= {"mouth"}:
        above = [concern for part in row.parts for concern in _above(part, item)]
        yield from above or _unlisted(row, item, listed)
    yield from _weekly(row, item)
    yield from _too_many(item)
    if (counted := contradicts(item)) is not None:
        sentence = _(
            "%(medicine)s: quantity %(typed)s, but dose and days make %(counted)s.",
            medicine=item.drug,
            typed=item.quantity,
            counted=counted,
        )
        source = _("worked out from the row")
        yield Concern("quantity", "ask", f"items-{item.place}-quantity", item.drug, sentence, source, item.place)


def in_all(typed: Sequence[tuple[Item, Row]]) -> Iterator[Concern]:
    """Yield a substance of several rows, none above the limit alone, whose doses of a day are above it together."""
    doses: dict[str, list[tuple[Fraction, Item]]] = {}
    for item, row in typed:
        for part in row.parts if ways_of(item.form) <= {"mouth"} and not item.directed else ():
            doses.setdefault(part.name, []).append((_a_day(part, item) or Fraction(), item))
    for name, found in doses.items():
        limit, a_day = _limit_of(name), sum((dose for dose, _item in found), Fraction())
        if limit and max(dose for dose, _item in found) <= limit.most_a_day < a_day:
            yield _above_limit(name, a_day, limit, found[-1][1])


def a_day_of(item: Item, named: Names) -> Fraction | None:
    """Return how many mg of its substances a row gives on a day; None when that cannot be told."""
    parts = row_of(item, named).parts
    doses = [dose for part in parts if (dose := _a_day(part, item)) is not None]
    return sum(doses, Fraction()) if parts and len(doses) == len(parts) else None


def _limit_of(name: str) -> tables.Limit | None:
    return next((each for listed, each in tables.limits().items() if among(name, [listed])), None)


def _above_limit(name: str, a_day: Fraction, limit: tables.Limit, item: Item) -> Concern:
    tier: Tier = "stop" if a_day >= limit.most_a_day * STOP_FROM else "ask"
    sentence = _(
        "%(medicine)s: %(dose)s mg a day; the most is %(most)s mg.",
        medicine=name,
        dose=figure(a_day),
        most=figure(limit.most_a_day),
    )
    rule = "ten_times_the_dose" if tier == "stop" else "above_daily_dose"
    return Concern(rule, tier, f"items-{item.place}-dose", name, sentence, limit.source, item.place)


def _above(part: Part, item: Item) -> Iterator[Concern]:
    """Compare the day's dose with the limit; when that cannot be told, the strength of one piece with the largest."""
    limit = _limit_of(part.name)
    if limit is None:
        return
    a_day = _a_day(part, item)
    most = max(a_day or Fraction(), Fraction() if part.per_ml else part.strength or Fraction())
    if most > limit.most_a_day:
        yield _above_limit(part.name, most, limit, item)
    elif not part.per_ml and part.strength is not None and part.strength > limit.largest:
        sentence = _(
            "%(medicine)s %(strength)s mg: there is no such strength; the largest is %(most)s mg.",
            medicine=part.name,
            strength=figure(part.strength),
            most=figure(limit.largest),
        )
        yield Concern(
            "no_such_strength", "ask", f"items-{item.place}-strength", part.name, sentence, limit.source, item.place
        )


def _unlisted(row: Row, item: Item, listed: Sequence[str]) -> Iterator[Concern]:
    """Ask for a strength that no piece of the list has: paracetamol 400 mg. What cannot be read is not compared."""
    part = row.parts[0] if len(row.parts) == 1 else None
    if part is None or part.strength is None or part.per_ml or not listed:
        return
    if amounts(item.strength) in map(amounts, listed):
        return
    sentence = _(
        "%(medicine)s %(strength)s: the list has no such strength (%(listed)s).",
        medicine=item.drug,
        strength=item.strength,
        listed=", ".join(listed),
    )
    field, source = f"items-{item.place}-strength", _("list of medicines")
    yield Concern("unlisted_strength", "ask", field, item.drug, sentence, source, item.place)


def _a_day(part: Part, item: Item) -> Fraction | None:
    line = line_of(item)
    doses = [_in_mg(step, part) for step in line.steps] if line else []
    return max((dose for dose in doses if dose is not None), default=None)


def _in_mg(step: Step, part: Part) -> Fraction | None:
    """Return the most of the substance on one day of a step; a dose "when needed" counts once."""
    amount = daily(step) or step.amount
    if amount is None:
        return None
    if step.unit in _IN_MG:
        return amount * _IN_MG[step.unit]
    if part.strength is None:
        return None
    if part.per_ml:
        return amount * _MILLILITRES[step.unit] * part.strength if step.unit in _MILLILITRES else None
    return amount * part.strength if step.unit in PIECES else None


def _weekly(row: Row, item: Item) -> Iterator[Concern]:
    line = line_of(item)
    is_often = line is not None and any(_is_more_than_weekly(step) for step in line.steps)
    for group, tier, source in WEEKLY:
        if is_often and row.members(group) and not _is_daily_strength(group, row):
            sentence = _("%(medicine)s more than once a week? It is taken once a week.", medicine=item.drug)
            field = f"items-{item.place}-frequency"
            yield Concern("weekly_medicine_daily", tier, field, item.drug, sentence, source, item.place)


def _too_many(item: Item) -> Iterator[Concern]:
    """Stop a bare number that no other rule can read: 25 may be 2-5, 2.5 or 25 ml, and as tablets it can kill."""
    if is_too_many(item.dose):
        sentence = _(
            "%(medicine)s: “%(dose)s” at one time is more than %(most)s. Write 1-0-1 for the times of the day, or the "
            "unit, such as ml.",
            medicine=item.drug,
            dose=item.dose,
            most=MOST_PIECES,
        )
        yield Concern(
            "too_many_at_once",
            "stop",
            f"items-{item.place}-dose",
            item.drug,
            sentence,
            _("worked out from the row"),
            item.place,
        )


def _is_more_than_weekly(step: Step) -> bool:
    if isinstance(step.rhythm, Spaced):
        return step.rhythm.days < step.rhythm.times * DAYS_OF_WEEK
    return isinstance(step.rhythm, Times | Hourly | Parts) or step.rhythm == Named("bedtime")


def _is_daily_strength(group: str, row: Row) -> bool:
    """Alendronate 10 mg and risedronate 5 mg are taken daily."""
    return group == "weekly bisphosphonate" and all((part.strength or 0) <= 10 for part in row.parts)
