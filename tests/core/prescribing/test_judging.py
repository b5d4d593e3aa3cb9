"""The law applied to notes: what is refused or asked, at which field, by which source; refills."""

from dataclasses import replace

import pytest

from portal.core.formulary import barred
from portal.core.formulary.classes import Medicine
from portal.core.formulary.index import Formulary
from portal.core.prescribing import notes
from portal.core.prescribing.judging import Judgement
from portal.core.prescribing.law import VERSION, Known, Picture
from tests.consulting import typed

LISTS = Formulary(
    [
        Medicine("Paracetamol", "tablet", "O"),
        Medicine("Amlodipine", "tablet", "A"),
        Medicine("Cetirizine", "tablet", "B"),
    ]
)
ROWS = {
    f"items-{place}-{part}": value
    for place, drug in enumerate(("Paracetamol", "Amlodipine", "Cetirizine", "Nobodyknowsit"))
    for part, value in (("drug", drug), ("form", "tablet"))
}


VERSIONS = {"version": VERSION, "formulary": "0", "barred": barred.version()}
KNOWN = Known(age=41, was_here=True)


def judgement(now, known: Known = KNOWN, **changes: str) -> Judgement:
    return Judgement(notes.read(typed(**ROWS | changes), today=now.date()), LISTS, known)


@pytest.mark.parametrize(
    ("mode", "kind", "refused", "asked"),
    [
        ("video", "first", ["items-2-drug"], ["Nobodyknowsit"]),  # list B is for follow-ups
        ("video", "follow_up", ["items-2-drug"], ["Nobodyknowsit"]),  # of somebody seen in person
        ("phone", "first", ["items-1-drug", "items-2-drug", "items-3-drug"], []),  # unseen, list O alone
        ("phone", "follow_up", ["items-1-drug", "items-2-drug", "items-3-drug"], []),
    ],
)
def test_a_medicine_the_law_does_not_allow_is_refused_at_its_field(
    now, mode: str, kind: str, refused: list[str], asked: list[str]
) -> None:
    judged = judgement(now, mode=mode, kind=kind)
    assert list(judged.refusals) == refused
    assert all("Telemedicine Practice Guidelines 2020, 3.7.4" in sentence for sentence in judged.refusals.values())
    assert judged.outside_lists == asked
    assert list(judged.unreasoned) == ["items-3-reason"] * len(asked)


def test_without_a_mode_what_depends_on_it_is_refused_at_the_mode(now) -> None:
    judged = judgement(now, mode="", kind="first")
    assert list(judged.refusals) == ["mode", "items-2-drug"]  # list B is refused in any mode
    assert "Amlodipine, Nobodyknowsit" in judged.refusals["mode"]
    rows = {f"items-{place}-{part}": "" for place in (1, 2, 3) for part in ("drug", "form")}
    assert judgement(now, mode="", kind="first", **rows).refusals == {}


def test_a_medicine_added_after_the_picture_was_lost_is_asked_with_a_reason(now) -> None:
    known = replace(KNOWN, picture=Picture({"amlodipine": True, "paracetamol": True}, is_gone=False))
    judged = judgement(now, known, mode="video", kind="first")
    assert judged.outside_lists == ["Amlodipine", "Nobodyknowsit"]
    assert judged.question.points[0].sentence.startswith("Added after the picture was lost: Amlodipine.")
    assert set(judged.unreasoned) == {"items-1-reason", "items-3-reason"}
    typing = replace(KNOWN, picture=Picture({"amlodipine": False}, is_gone=True))
    assert judgement(now, typing, mode="video", kind="first").outside_lists == ["Nobodyknowsit"]


def test_an_unclassified_name_is_asked_once_of_the_same_doctor(now) -> None:
    first = judgement(now, mode="video", kind="first", **{"items-2-drug": "", "items-2-form": ""})
    assert (first.answers, first.judged_before) == (["nobodyknowsit"], [])
    known = replace(KNOWN, answered=frozenset(first.answers))
    again = judgement(now, known, mode="video", kind="first", **{"items-2-drug": "", "items-2-form": ""})
    assert (again.question, again.unreasoned, again.judged_before) == (None, {}, ["Nobodyknowsit"])
    assert again.outside_lists == ["Nobodyknowsit"]
    assert again.kept(2)["rule"] == "unlisted, judged before"
    form = judgement(
        now, known, mode="video", kind="first", **{"items-3-drug": "Paracetamol", "items-3-form": "injection"}
    )
    assert form.answers == ["paracetamol (injection)"]
    assert "items-3-drug" in judgement(now, known, mode="phone", kind="first").refusals


def test_a_medicine_taken_already_is_a_refill_whatever_its_list(now) -> None:
    told = {"items-1-taken_since": "2019", "items-2-taken_since": "May 2024"}
    judged = judgement(now, mode="phone", kind="follow_up", **told)
    assert list(judged.refusals) == ["items-3-drug"]
    assert judged.kept(2) == VERSIONS | {"rule": "A, refill", "continues": "May 2024"}


def test_an_earlier_prescription_of_the_same_substance_makes_a_refill(now) -> None:
    known = replace(KNOWN, prescribed={"AMLODIPINE besylate": "RX-2610-000007"})
    judged = judgement(now, known, mode="text", kind="follow_up")
    assert list(judged.refusals) == ["items-2-drug", "items-3-drug"]
    assert judged.kept(1) == VERSIONS | {"rule": "A, refill", "continues": "RX-2610-000007"}


def test_list_b_needs_seen_in_person_on_and_is_asked_when_nothing_is_taken(now) -> None:
    added = {"seen_in_person_on": f"{now:%Y-%m-%d}", "kind": "follow_up", "mode": "video"}
    assert judgement(now, **added).outside_lists == ["Cetirizine", "Nobodyknowsit"]
    told = judgement(now, **added, **{"items-1-taken_since": "2019"})
    assert (told.outside_lists, told.refusals) == (["Nobodyknowsit"], {})
    assert judgement(now, replace(KNOWN, strict=False), kind="follow_up", mode="video").refusals == {}


def test_a_follow_up_requires_an_earlier_consultation_or_meeting_in_person(now) -> None:
    new_patient = replace(KNOWN, was_here=False)
    assert "kind" in judgement(now, new_patient, kind="follow_up", mode="video").refusals
    assert "kind" not in judgement(now, new_patient, kind="first", mode="video").refusals
    seen = {"seen_in_person_on": f"{now:%Y-%m-%d}"}
    assert "kind" not in judgement(now, new_patient, kind="follow_up", mode="video", **seen).refusals


def test_advice_without_medicines_is_never_refused(now) -> None:
    for mode in ("video", "phone", "text"):
        bare = notes.read({"diagnosis": "Flu", "advice": "Rest", "kind": "follow_up", "mode": mode}, today=now.date())
        assert Judgement(bare, LISTS, Known()).refusals == {}


def test_a_reason_is_stored_only_with_the_medicines_that_were_asked(now) -> None:
    reasons = {f"items-{place}-reason": "my judgement" for place in range(4)}
    judged = judgement(now, mode="video", kind="first", **reasons)
    assert judged.kept(0) == VERSIONS | {"rule": "O"}
    assert judged.kept(3) == VERSIONS | {"rule": "unlisted, by video", "reason": "my judgement"}
    assert judged.unreasoned == {}


def test_an_unlisted_form_never_makes_the_law_milder(now) -> None:
    forms = {f"items-{place}-form": "injection" for place in range(3)}
    judged = judgement(now, mode="video", kind="first", **forms)
    assert list(judged.refusals) == ["items-2-drug"]
    assert judged.outside_lists == ["Paracetamol", "Amlodipine", "Nobodyknowsit"]
    assert list(judgement(now, mode="phone", kind="first", **forms).refusals) == [
        "items-0-form",
        "items-1-drug",
        "items-2-drug",
        "items-3-drug",
    ]


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ([("Clonazepam", "100")], []),
        ([("Clonazepam 0.5 mg", "101")], ["Clonazepam 0.5 mg"]),
        ([("Lonazep", "60"), ("Clonazepam", "60")], ["Lonazep", "Clonazepam"]),
        ([("Clonazepam", "60"), ("Paracetamol", "60")], []),
        ([("Paracetamol", "300")], []),
    ],
)
def test_more_than_a_hundred_units_of_a_controlled_medicine_are_asked(now, rows, asked: list[str]) -> None:
    """NDPS Rules 1985, rule 66 (2)."""
    lists = Formulary(
        [Medicine("Clonazepam", "tablet", "A", brands=("Lonazep",)), Medicine("Paracetamol", "tablet", "O")]
    )
    fields = {
        f"items-{place}-{part}": value
        for place, (drug, quantity) in enumerate(rows)
        for part, value in (("drug", drug), ("form", "tablet"), ("quantity", quantity))
    }
    typed_notes = notes.read(fields | {"mode": "video", "kind": "first"}, today=now.date())
    judged = Judgement(typed_notes, lists, KNOWN)
    assert (judged.question.about.split(", ") if judged.question else []) == asked
    assert judged.outside_lists == []  # the guidelines list them; only the number is asked
    assert {rule.name for rule in judged.rulings if rule.outcome == "ask"} == (
        {"over a hundred units"} if asked else set()
    )


@pytest.mark.parametrize(("days", "outcome"), [("25", "allow"), ("30", "ask")])
def test_units_that_follow_from_dose_and_days_count_too(now, days: str, outcome: str) -> None:
    row = {
        "drug": "Clobazam",
        "form": "tablet",
        "strength": "5 mg",
        "dose": "1",
        "frequency": "QID",
        "duration_days": days,
    }
    fields = {f"items-0-{part}": text for part, text in row.items()}
    read = notes.read(fields | {"mode": "video", "kind": "first"}, today=now.date())
    assert Judgement(read, Formulary([Medicine("Clobazam", "tablet", "A")]), KNOWN).rulings[0].outcome == outcome


def test_advice_is_asked_of_barred_medicines_unless_it_stops_them(now) -> None:
    def question(**words: str):
        return Judgement(
            notes.read(typed(**words, mode="video", kind="first"), today=now.date()), LISTS, KNOWN
        ).question

    assert question(advice="Taper alprazolam over four weeks", investigations="Urine screen for tramadol") is None
    assert question(advice="Take alprazolam 0.5 at night").about == "Alprazolam"


def test_a_refusal_says_where_it_is_caution_and_not_the_law(now) -> None:
    fields = {
        "items-0-drug": "Lomotil",
        "items-0-form": "tablet",
        "items-1-drug": "Tramadol",
        "items-1-form": "capsule",
    }
    read = notes.read(fields | {"mode": "video", "kind": "first"}, today=now.date())
    refusals = Judgement(read, LISTS, KNOWN).refusals
    assert "as a precaution" in refusals["items-0-drug"]
    assert "as a precaution" not in refusals["items-1-drug"]


def test_an_unlisted_medicine_that_is_refused_is_also_said_to_be_nearly_a_barred_one(now) -> None:
    judged = judgement(now, mode="phone", kind="first", **{"items-3-drug": "Alprazolan"})
    assert "“alprazolan” is nearly Alprazolam" in judged.refusals["items-3-drug"]
    by_video = judgement(now, mode="video", kind="first", **{"items-3-drug": "Alprazolan"})
    assert any("“alprazolan” is nearly Alprazolam" in point.sentence for point in by_video.question.points)


def test_what_is_asked_is_one_point_for_each_rule(now) -> None:
    judged = judgement(now, mode="video", kind="first", advice="Alprazolam", **{"items-0-drug": "Zeburol"})
    sentences = [point.sentence for point in judged.question.points]
    assert len(sentences) == 2
    assert sentences[0].startswith("No list of the guidelines is known for Zeburol, Nobodyknowsit.")
    assert sentences[1].startswith("Advice or tests name Alprazolam")
