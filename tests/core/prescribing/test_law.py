"""The law as a table: every class, mode, kind, age, meeting in person and earlier medicine, with the rule's source."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from portal.core.calls.modes import MODES
from portal.core.prescribing.law import TABLE, Case, judge
from portal.core.prescribing.notes import KINDS

TPG = "TPG 2020, 3.7.4"
SEEN = date(2026, 10, 1)
ANY = ("video", "other")
# (class, mode, kind) -> what is said of a new medicine, and of one that is taken already.
EXPECTED = (
    {("PROHIBITED", mode, kind): (f"{TPG} prohibited", "refuse", "refuse") for mode, kind in product(ANY, KINDS)}
    | {("O", mode, kind): (f"{TPG} List O", "allow", "allow") for mode, kind in product(ANY, KINDS)}
    | {
        ("A", "video", "first"): (f"{TPG} List A, video", "allow", "allow"),
        ("A", "video", "follow_up"): (f"{TPG} List A, video", "allow", "allow"),
        ("A", "other", "first"): (f"{TPG} List A, first by video", "refuse", "refuse"),
        ("A", "other", "follow_up"): (f"{TPG} List A, re-fill in any mode", "refuse", "allow"),
        ("B", "video", "first"): (f"{TPG} List B, follow-up", "refuse", "allow"),
        ("B", "other", "first"): (f"{TPG} List B, follow-up", "refuse", "refuse"),
        ("B", "video", "follow_up"): (f"{TPG} List B, added", "added", "allow"),
        ("B", "other", "follow_up"): (f"{TPG} List B, added", "added", "allow"),
        ("", "video", "first"): ("domain.md 1.6 unlisted", "ask", "ask"),
        ("", "video", "follow_up"): ("domain.md 1.6 unlisted", "ask", "ask"),
        ("", "other", "first"): ("domain.md 1.6 unlisted", "refuse", "refuse"),
        ("", "other", "follow_up"): ("domain.md 1.6 unlisted", "refuse", "refuse"),
    }
)


def rows():
    for tele_class, mode, kind, age, seen, taken in product(
        ("O", "A", "B", "", "PROHIBITED"), MODES, KINDS, (0, 17, 18, 85), (None, SEEN), (False, True)
    ):
        source, new, again = EXPECTED[tele_class, "video" if mode == "video" else "other", kind]
        outcome = again if taken else new
        named = f"{source}: {tele_class or 'unlisted'}, {mode}, {kind}, {age} y, {'seen' if seen else 'unseen'}"
        yield pytest.param(
            Case(tele_class, mode, kind, age, seen, taken),
            outcome,
            id=f"{named}, {'taken before' if taken else 'new'}",
        )


@pytest.mark.parametrize(("case", "outcome"), list(rows()))
def test_the_law_decides_each_combination_as_the_source_says(case: Case, outcome: str) -> None:
    if outcome == "added":  # to nothing that is on record
        outcome = "ask" if case.seen_in_person_on else "refuse"
    assert judge(case).outcome == outcome


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("unseen", "taken", "answered"), list(product((False, True), repeat=3)))
@pytest.mark.parametrize("tele_class", ["A", ""])
def test_domain_md_1_6_what_is_added_after_the_picture_was_lost_is_asked(
    tele_class: str, unseen: bool, taken: bool, answered: bool, mode: str, kind: str
) -> None:
    case = Case(tele_class, mode, kind, 41, SEEN, continues=taken, unseen=unseen, answered=answered)
    before = judge(replace(case, unseen=False, answered=False))
    is_refill = tele_class == "A" and taken and kind == "follow_up"
    if mode != "video" or is_refill:  # any mode would do, or none does
        assert judge(case).outcome == before.outcome
    elif tele_class == "A":
        assert judge(case).name == ("A, added after the picture was lost" if unseen else "A, by video")
    else:
        assert judge(case).outcome == ("allow" if answered and not unseen else "ask")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tele_class", ["A", "", "O", "B", "PROHIBITED"])
def test_domain_md_1_6_an_unknown_mode_allows_no_more_than_any_mode_without_picture(tele_class: str, kind: str) -> None:
    for taken in (False, True):
        case = Case(tele_class, "", kind, 41, SEEN, continues=taken)
        assert judge(case) is judge(replace(case, mode="phone"))


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "video"])
def test_tpg_2020_3_7_4_list_a_an_unlisted_medicine_of_an_earlier_prescription_is_asked_in_any_mode(mode: str) -> None:
    """A patient told on video to take it would be refused his refill by telephone."""
    case = Case("", mode, "follow_up", 41, continues=True, repeats=True)
    assert judge(case).outcome == "ask"
    assert judge(replace(case, kind="first")).outcome == "refuse"
    assert judge(replace(case, repeats=False)).outcome == "refuse", "what is only told is not prescribed unseen"


@pytest.mark.parametrize(
    ("seen", "strict", "adds", "outcome"),
    [
        (None, True, True, "refuse"),
        (None, True, False, "refuse"),
        (None, False, True, "allow"),
        (None, False, False, "ask"),
        (SEEN, True, True, "allow"),
        (SEEN, True, False, "ask"),
        (SEEN, False, True, "allow"),
        (SEEN, False, False, "ask"),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_list_b_is_allowed_only_as_an_addition_for_a_patient_seen_in_person(
    mode: str, seen: date | None, strict: bool, adds: bool, outcome: str
) -> None:
    case = Case("B", mode, "follow_up", 41, seen, adds_to_treatment=adds, strict=strict)
    assert judge(case).outcome == outcome


def test_every_row_names_its_source_and_every_refusal_or_question_its_sentence() -> None:
    assert len({rule.name for rule in TABLE}) == len(TABLE)
    assert all("Telemedicine Practice Guidelines 2020, 3.7.4" in rule.source for rule in TABLE)
    for rule in TABLE:
        assert ("Zeburol" in rule.says("Zeburol") and len(rule.says("Zeburol")) > 60) == (rule.outcome != "allow")
        assert rule.outcome != "refuse" or "Telemedicine Practice Guidelines 2020, 3.7.4" in rule.says("Zeburol")
