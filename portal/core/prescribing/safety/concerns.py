"""What a rule of safety finds, in three tiers, and how all that is asked becomes one question."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from portal.base.language import gettext as _
from portal.core.prescribing.judging import Point, Question

Tier = Literal["stop", "ask", "note"]
STRICTEST_FIRST: tuple[Tier, ...] = ("stop", "ask", "note")


@dataclass(frozen=True)
class Concern:
    """One finding. `field` is where it stands on the form, `place` its medicine's row (None for a measured value).

    stop: a typed reason; ask: a tick, one for all; note: read only. `source` names where the rule is written.
    """

    rule: str
    tier: Tier
    field: str
    about: str
    sentence: str
    source: str
    place: int | None = None


def question_of(concerns: Iterable[Concern]) -> Question | None:
    """Gather what is asked in one question; a tick counts for exactly these concerns."""
    asked = [each for each in concerns if each.tier != "note"]
    if not asked:
        return None
    about = ", ".join(f"{each.rule}: {each.about}" for each in asked)
    return Question(about, tuple(Point(each.sentence, each.source) for each in asked))


def joined(*questions: Question | None) -> Question | None:
    """Join questions into one step before "Issue"."""
    asked = [each for each in questions if each]
    if not asked:
        return None
    return Question(", ".join(each.about for each in asked), tuple(chain.from_iterable(each.points for each in asked)))


def unreasoned(concerns: Iterable[Concern], reasons: dict[int, str]) -> dict[str, str]:
    """Map the reason field of each medicine that is stopped and has no reason to a sentence."""
    places = [each.place for each in concerns if each.tier == "stop" and each.place is not None]
    return {
        f"items-{place}-reason": _("Say why you prescribe it all the same; it is kept with the prescription.")
        for place in places
        if not reasons.get(place)
    }
