"""Which medicine may be prescribed in which consultation: the lists of the guidelines as one table (domain.md 1.6).

The first row that fits decides. Each names where it is written, so that a refusal can say so and a test can be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from portal.base.language import gettext as _

VERSION = (
    "2026-11"  # of the table below; kept with every medicine that was judged by it. A changed row is a new version
)
PROHIBITED = "PROHIBITED"
TPG = "Telemedicine Practice Guidelines 2020"

Outcome = Literal["allow", "ask", "refuse"]


@dataclass(frozen=True)
class Case:
    """One medicine in one consultation. `tele_class`: O, A, B, PROHIBITED, or "" for one that no list knows.

    `continues`: the patient takes it already; `adds_to_treatment`: takes another medicine, to which it is added.
    `strict`: List B is only for whom the doctor saw in person. `age` in years: no list tells ages apart.
    """

    tele_class: str
    mode: str
    kind: str
    age: int | None = None
    seen_in_person_on: date | None = None
    continues: bool = False
    adds_to_treatment: bool = False
    strict: bool = True


@dataclass(frozen=True)
class Known:
    """What the clinic knows of the patient at hand, whatever the doctor writes.

    `prescribed`: medicine -> number of the valid prescription here that has it; `was_here`: this doctor completed a
    consultation within six months.
    """

    age: int | None = None
    prescribed: Mapping[str, str] = field(default_factory=dict)
    was_here: bool = False
    strict: bool = True


@dataclass(frozen=True)
class Rule:
    """A row of the table. `says` makes the sentence for the medicines; what is allowed needs none."""

    name: str
    source: str
    outcome: Outcome
    holds: Callable[[Case], bool]
    says: Callable[[str], str] = str


def judge(case: Case) -> Rule:
    """Find the rule that applies; its `outcome` is allow, ask or refuse, its `source` the paragraph."""
    return next(rule for rule in TABLE if rule.holds(case))


def barred(medicine: str) -> str:
    """Explain why a barred medicine is refused, in whichever field of a row."""
    return _(
        "%(medicine)s may not be prescribed in a tele-consultation (Schedule X, narcotic or psychotropic: "
        "Telemedicine Practice Guidelines 2020, 3.7.4). Please remove it.",
        medicine=medicine,
    )


def not_a_follow_up() -> str:
    """Explain why this is no follow-up (domain.md 1.5)."""
    return _(
        "A follow-up needs a consultation with you within six months: none is here. Choose “First”, or give the day on "
        "which you saw the patient in person (Telemedicine Practice Guidelines 2020, follow-up consult)."
    )


def _unlisted(medicine: str) -> str:
    return _(
        "The clinic's list does not know %(medicine)s. Such a medicine may be prescribed by live video only "
        "(Telemedicine Practice Guidelines 2020, 3.7.4, List A).",
        medicine=medicine,
    )


def _b_first(medicine: str) -> str:
    return _(
        "%(medicine)s may be added in a follow-up only (Telemedicine Practice Guidelines 2020, 3.7.4, List B). Does "
        "the patient take it already? Then say since when.",
        medicine=medicine,
    )


def _b_unmet(medicine: str) -> str:
    return _(
        "%(medicine)s may be added only for somebody whom you saw in person within six months: give the day "
        "(Telemedicine Practice Guidelines 2020, 3.7.4, List B). Does the patient take it already? Then say since "
        "when.",
        medicine=medicine,
    )


def _b_alone(medicines: str) -> str:
    return _(
        "%(medicines)s may be added to a treatment (Telemedicine Practice Guidelines 2020, 3.7.4, List B), and none is "
        "on record here: say to what it is added.",
        medicines=medicines,
    )


def _a_first(medicine: str) -> str:
    return _(
        "%(medicine)s may be prescribed in a first consultation by live video only (Telemedicine Practice Guidelines "
        "2020, 3.7.4, List A).",
        medicine=medicine,
    )


def _a_new(medicine: str) -> str:
    return _(
        "%(medicine)s is new for this patient and needs live video; without it only what is taken already may be "
        "prescribed again (Telemedicine Practice Guidelines 2020, 3.7.4, List A). Is it? Then say since when.",
        medicine=medicine,
    )


def _asks_unlisted(medicines: str) -> str:
    return _(
        "The clinic's list does not know %(medicines)s. Check the names; they are prescribed by your judgement.",
        medicines=medicines,
    )


def _is_new_b(case: Case) -> bool:
    return case.tele_class == "B" and not case.continues


def _is_by_video(case: Case) -> bool:
    return case.mode == "video"


def _is_first(case: Case) -> bool:
    return case.kind == "first"


UNLISTED_UNSEEN = Rule(
    "unlisted, unseen",
    f"{TPG}, 3.7.4, List A; domain.md 1.6",
    "refuse",
    lambda case: not case.tele_class,
    _unlisted,
)
# What the patient takes already is a refill, whether its list is A or B: from _is_new_b on down both are one.
TABLE = (
    Rule("prohibited", f"{TPG}, 3.7.4, prohibited list", "refuse", lambda case: case.tele_class == PROHIBITED, barred),
    Rule("O", f"{TPG}, 3.7.4, List O", "allow", lambda case: case.tele_class == "O"),
    Rule(
        "unlisted, by video",
        f"{TPG}, 3.7.4: the doctor's judgement; domain.md 1.6",
        "ask",
        lambda case: not case.tele_class and _is_by_video(case),
        _asks_unlisted,
    ),
    UNLISTED_UNSEEN,
    Rule("B, first", f"{TPG}, 3.7.4, List B", "refuse", lambda case: _is_new_b(case) and _is_first(case), _b_first),
    Rule(
        "B, not seen in person",
        f"{TPG}, 3.7.4, List B; setting followup_requires_in_person",
        "refuse",
        lambda case: _is_new_b(case) and case.strict and case.seen_in_person_on is None,
        _b_unmet,
    ),
    Rule("B, added", f"{TPG}, 3.7.4, List B", "allow", lambda case: _is_new_b(case) and case.adds_to_treatment),
    Rule("B, to nothing on record", f"{TPG}, 3.7.4, List B", "ask", _is_new_b, _b_alone),
    Rule("A, by video", f"{TPG}, 3.7.4, List A", "allow", _is_by_video),
    Rule("A, first, unseen", f"{TPG}, 3.7.4, List A", "refuse", _is_first, _a_first),
    Rule("A, refill", f"{TPG}, 3.7.4, List A, re-fill in any mode", "allow", lambda case: case.continues),
    Rule("A, new, unseen", f"{TPG}, 3.7.4, List A", "refuse", lambda _case: True, _a_new),
)
