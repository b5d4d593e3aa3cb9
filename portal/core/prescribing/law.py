"""Which medicine may be prescribed in which consultation: the lists of the guidelines as one table (domain.md 1.6).

The first row that fits decides. Each names where it is written, so that a refusal can say so and a test can be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from portal.base.language import gettext as _

# Of the table below; kept with every medicine that was judged by it. A changed row is a new version.
VERSION = "2026-14"
PROHIBITED = "PROHIBITED"
# Psychotropics that List A allows since April 2020; of each, rule 66 lets a patient hold so many units at a time.
CONTROLLED = frozenset({"clonazepam", "clobazam", "phenobarbitone", "phenobarbital"})
UNITS_AT_A_TIME = 100
TPG = "Telemedicine Practice Guidelines 2020"

Outcome = Literal["allow", "ask", "refuse"]


@dataclass(frozen=True)
class Picture:
    """Whether medicines were added while the picture was reported gone. `gone`: by name, in lower case, of the draft's.

    `is_gone`: it is gone now, as for a medicine that is just being typed.
    """

    gone: Mapping[str, bool] = field(default_factory=dict)
    is_gone: bool = False

    def was_gone_for(self, drug: str) -> bool:
        """Tell whether this medicine was added without the picture."""
        return self.gone.get(drug.casefold(), self.is_gone)


@dataclass(frozen=True)
class Case:
    """One medicine in one consultation. `tele_class`: O, A, B, PROHIBITED, or "" for one that no list knows.

    `continues`: the patient takes it already; `adds_to_treatment`: takes another medicine, to which it is added.
    `strict`: List B is only for whom the doctor saw in person. `age` in years: no list tells ages apart. `mode` "":
    neither the call log nor the doctor says it. `unseen`: added to the notes after a report that the picture is gone.
    `answered`: this doctor has judged this unclassified name before. `repeats`: it stands on a valid prescription here.
    `units`: of a controlled medicine, in all rows.
    """

    tele_class: str
    mode: str
    kind: str
    age: int | None = None
    seen_in_person_on: date | None = None
    continues: bool = False
    adds_to_treatment: bool = False
    strict: bool = True
    unseen: bool = False
    answered: bool = False
    repeats: bool = False
    units: int = 0


@dataclass(frozen=True)
class Known:
    """What the clinic knows of the patient at hand, whatever the doctor writes.

    `prescribed`: medicine -> number of the valid prescription here that has it; `was_here`: this doctor completed a
    consultation within six months; `picture`: what the call log says of it; `answered`: keys of the
    unclassified names that this doctor has judged before.
    """

    age: int | None = None
    prescribed: Mapping[str, str] = field(default_factory=dict)
    was_here: bool = False
    strict: bool = True
    picture: Picture = field(default_factory=Picture)
    answered: frozenset[str] = frozenset()


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
    rule = next(rule for rule in TABLE if rule.holds(case))
    return MANY_UNITS if rule.outcome == "allow" and MANY_UNITS.holds(case) else rule


def barred(medicine: str) -> str:
    """Explain why a barred medicine is refused, in whichever field of a row."""
    return _(
        "%(medicine)s may not be prescribed in a tele-consultation (Schedule X, narcotic or psychotropic: "
        "Telemedicine Practice Guidelines 2020, 3.7.4). Please remove it.",
        medicine=medicine,
    )


def barred_by_caution(medicine: str) -> str:
    """Explain the refusal of one of which the law excepts some preparations, and nobody has decided on these."""
    return _(
        "%(medicine)s may not be prescribed in a tele-consultation (Schedule X, narcotic or psychotropic: "
        "Telemedicine Practice Guidelines 2020, 3.7.4). A preparation that the law may except is refused too, as a "
        "precaution. Please remove it.",
        medicine=medicine,
    )


def not_a_follow_up() -> str:
    """Explain why this is no follow-up (domain.md 1.5)."""
    return _(
        "A follow-up needs a consultation with you within six months: none is here. Choose “First”, or give the day on "
        "which you saw the patient in person (Telemedicine Practice Guidelines 2020, follow-up consult)."
    )


def mode_unknown(medicines: str) -> str:
    """Explain why the mode must be stated: the call log does not say it, and medicines depend on it."""
    return _(
        "How did you see the patient? The call log does not show half a minute of video, and without it these may not "
        "be prescribed: %(medicines)s (Telemedicine Practice Guidelines 2020, 3.7.4, List A). Choose the mode.",
        medicines=medicines,
    )


def _unlisted(medicine: str) -> str:
    return _(
        "No list of the guidelines is known for %(medicine)s. Such a medicine may be prescribed by live video only "
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


def _asks_unseen(medicines: str) -> str:
    return _(
        "Added after the picture was lost: %(medicines)s. List A is for what is seen by live video (Telemedicine "
        "Practice Guidelines 2020, 3.7.4): does what you saw before suffice?",
        medicines=medicines,
    )


def _asks_units(medicines: str) -> str:
    return _(
        "More than %(number)s units: %(medicines)s. A patient may hold that many dosage units at a time for personal "
        "use (NDPS Rules 1985, rule 66). Say why so many.",
        number=UNITS_AT_A_TIME,
        medicines=medicines,
    )


def _asks_unlisted(medicines: str) -> str:
    return _(
        "No list of the guidelines is known for %(medicines)s. Check the spelling; prescribed by your judgement. You "
        "are not asked again for the same name.",
        medicines=medicines,
    )


def _asks_repeated(medicines: str) -> str:
    return _(
        "No list of the guidelines is known for %(medicines)s, and this consultation is without live video. It was "
        "prescribed here before: is it to go on unchanged?",
        medicines=medicines,
    )


def _is_new_b(case: Case) -> bool:
    return case.tele_class == "B" and not case.continues


def _is_by_video(case: Case) -> bool:
    return case.mode == "video"


def _is_refill(case: Case) -> bool:
    return case.continues and not _is_first(case)


def _is_first(case: Case) -> bool:
    return case.kind == "first"


UNLISTED_ANSWERED = Rule(
    "unlisted, judged before",
    f"{TPG}, 3.7.4: the doctor's judgement, asked once for each name; domain.md 1.6",
    "allow",
    lambda case: not case.tele_class and _is_by_video(case) and case.answered and not case.unseen,
)
UNLISTED_ASKED = Rule(
    "unlisted, by video",
    f"{TPG}, 3.7.4: the doctor's judgement; domain.md 1.6",
    "ask",
    lambda case: not case.tele_class and _is_by_video(case),
    _asks_unlisted,
)
UNLISTED_REPEATED = Rule(
    "unlisted, prescribed here before",
    f"{TPG}, 3.7.4, List A, re-fill in any mode: the list ends with “etc.”; the doctor's judgement",
    "ask",
    lambda case: not case.tele_class and case.repeats and not _is_first(case),
    _asks_repeated,
)
UNLISTED_UNSEEN = Rule(
    "unlisted, unseen",
    f"{TPG}, 3.7.4, List A; domain.md 1.6",
    "refuse",
    lambda case: not case.tele_class,
    _unlisted,
)
# Asked of what the table allows.
MANY_UNITS = Rule(
    "over a hundred units",
    "NDPS Rules 1985, rule 66 (2), as read in Hussain v. State of Kerala (Supreme Court, 1999)",
    "ask",
    lambda case: case.units > UNITS_AT_A_TIME,
    _asks_units,
)
# What the patient takes already is a refill, whether its list is A or B: from _is_new_b on down both are one.
TABLE = (
    Rule("prohibited", f"{TPG}, 3.7.4, prohibited list", "refuse", lambda case: case.tele_class == PROHIBITED, barred),
    Rule("O", f"{TPG}, 3.7.4, List O", "allow", lambda case: case.tele_class == "O"),
    UNLISTED_ANSWERED,
    UNLISTED_ASKED,
    UNLISTED_REPEATED,
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
    Rule(
        "A, added after the picture was lost",
        f"{TPG}, 3.7.4, List A; domain.md 1.6, a drop changes what may be prescribed",
        "ask",
        lambda case: _is_by_video(case) and case.unseen and not _is_refill(case),
        _asks_unseen,
    ),
    Rule("A, by video", f"{TPG}, 3.7.4, List A", "allow", _is_by_video),
    Rule("A, first, unseen", f"{TPG}, 3.7.4, List A", "refuse", _is_first, _a_first),
    Rule("A, refill", f"{TPG}, 3.7.4, List A, re-fill in any mode", "allow", lambda case: case.continues),
    Rule("A, new, unseen", f"{TPG}, 3.7.4, List A", "refuse", lambda _case: True, _a_new),
)
