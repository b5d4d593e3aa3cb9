"""A doctor's templates and phrases: kept without what is about one patient, inserted as a draft."""

import pytest

from portal.base.errors import Invalid, NotFound
from portal.core.prescribing.notes import Item, Notes
from portal.core.shortcuts import services
from portal.core.shortcuts.models import ADVICE, INSTRUCTIONS, ROWS, Shortcut
from tests.factories import make_staff

ROW = Item(0, "Amlodipine", "tablet", "5 mg", "1", "OD", 30, 30, "after food", reason="high", taken_since="2024")


@pytest.fixture
def doctor(db):
    return make_staff("doctor")


def kept(doctor, now, *items: Item) -> Shortcut:
    services.keep_rows(doctor, "Hypertension", Notes(items=items or (ROW,)), now=now)
    return services.of(doctor, ROWS)[0]


def phrase(doctor, now, kind=ADVICE, text="Walk daily", text_hi="रोज़ टहलें") -> Shortcut:
    services.keep_phrase(doctor, {"kind": kind, "text": text, "text_hi": text_hi}, now=now)
    return services.of(doctor, kind)[0]


def test_a_template_keeps_the_rows_without_what_is_about_one_patient(doctor, now):
    (row,) = services.inserted(Notes(), kept(doctor, now), "en").items
    assert row == Item(0, "Amlodipine", "tablet", "5 mg", "1", "OD", 30, 30, "after food")


def test_rows_are_appended_below_those_typed_and_none_twice(doctor, now):
    template = kept(doctor, now, ROW, Item(1, "Telmisartan", "tablet", "40 mg"))
    typed = Notes(items=(Item(0, "Metformin"), Item(4, "amlodipine", strength="10 mg")))
    rows = services.inserted(typed, template, "en").items
    assert [(row.place, row.drug, row.strength) for row in rows] == [
        (0, "Metformin", ""),
        (4, "amlodipine", "10 mg"),
        (5, "Telmisartan", "40 mg"),
    ]


def written(doctor, now, instructions: str, purpose: str = "") -> Shortcut:
    return kept(doctor, now, Item(0, "Budesonide", "inhaler", instructions=instructions, purpose=purpose))


def read(template: Shortcut, language: str) -> tuple[str, str]:
    (row,) = services.inserted(Notes(), template, language).items
    return row.instructions, row.purpose


@pytest.mark.parametrize(
    ("english", "hindi"),
    [
        ("shake well", "अच्छी तरह हिलाकर लें"),  # listed
        ("after food · shake well", "खाना खाने के बाद · अच्छी तरह हिलाकर लें"),  # of the dose language, and listed
        ("Walk slowly", "धीरे चलें"),  # a phrase of the doctor's own
        ("Walk slowly · shake well", "धीरे चलें · अच्छी तरह हिलाकर लें"),
    ],
)
def test_an_instruction_of_a_template_is_inserted_in_the_patients_language(doctor, now, english, hindi):
    phrase(doctor, now, INSTRUCTIONS, "Walk slowly", "धीरे चलें")
    for typed in (english, hindi):
        template = written(doctor, now, typed, "for breathing")
        assert read(template, "en") == (english, "for breathing")
        assert read(template, "hi") == (hindi, "साँस के लिए")


def test_a_phrase_added_later_counts_for_a_template_kept_before(doctor, now):
    template = written(doctor, now, "Walk slowly")
    assert read(template, "hi") == ("Walk slowly", "")
    phrase(doctor, now, INSTRUCTIONS, "Walk slowly", "धीरे चलें")
    assert read(template, "hi") == ("धीरे चलें", "")


def test_the_doctor_adds_the_other_language_to_a_template_and_it_stays_when_it_is_kept_again(doctor, now):
    template = written(doctor, now, "Two with a spacer", "for the lungs")
    typed = {"row-0-instructions_hi": "स्पेसर से दो बार", "row-0-purpose_hi": "फेफड़ों के लिए"}
    services.keep_wording(doctor, template.uid, typed, now=now)
    for again in (services.get(doctor, template.uid, ROWS), written(doctor, now, "Two with a spacer", "for the lungs")):
        assert read(again, "hi") == ("स्पेसर से दो बार", "फेफड़ों के लिए")
        assert read(again, "en") == ("Two with a spacer", "for the lungs")


def test_a_template_of_before_its_texts_had_two_languages_is_inserted_as_it_is(doctor, now):
    template = kept(doctor, now)
    rows = [{name: text for name, text in row.items() if not name.endswith("_hi")} for row in template.rows]
    Shortcut.update(rows=rows).execute()
    assert read(services.get(doctor, template.uid, ROWS), "hi") == ("खाना खाने के बाद", "")


def test_a_wording_that_is_too_long_is_refused_at_its_field_and_others_templates_are_not_found(doctor, now):
    template = written(doctor, now, "Two with a spacer")
    with pytest.raises(Invalid) as refused:
        services.keep_wording(doctor, template.uid, {"row-0-instructions_hi": "क" * 201}, now=now)
    assert list(refused.value.fields) == ["row-0-instructions_hi"]
    with pytest.raises(NotFound):
        services.keep_wording(make_staff("doctor"), template.uid, {}, now=now)


def test_the_same_name_replaces_the_template(doctor, now):
    kept(doctor, now)
    template = kept(doctor, now, Item(0, "Telmisartan"))
    assert [row["drug"] for row in template.rows] == ["Telmisartan"]
    assert Shortcut.select().count() == 1


@pytest.mark.parametrize(("name", "items"), [("", (ROW,)), ("x" * 61, (ROW,)), ("Nothing", ()), ("Empty", (Item(0),))])
def test_a_template_needs_a_name_and_a_medicine(doctor, now, name, items):
    with pytest.raises(Invalid) as refused:
        services.keep_rows(doctor, name, Notes(items=items), now=now)
    assert list(refused.value.fields) == ["template-name"]


@pytest.mark.parametrize(("language", "line"), [("en", "Walk daily"), ("hi", "रोज़ टहलें")])
def test_a_phrase_is_inserted_in_the_patients_language_once(doctor, now, language, line):
    once = services.inserted(Notes(advice="Rest"), phrase(doctor, now), language)
    assert once.advice == f"Rest\n{line}"
    assert services.inserted(once, services.of(doctor, ADVICE)[0], language) == once


def test_without_hindi_a_phrase_is_inserted_in_english(doctor, now):
    assert services.inserted(Notes(), phrase(doctor, now, text_hi=""), "hi").advice == "Walk daily"


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"kind": "rows", "text": "x"}, ["kind"]),
        ({"kind": ADVICE, "text": " "}, ["text"]),
        ({"kind": ADVICE, "text": "x" * 501}, ["text"]),
        ({"kind": INSTRUCTIONS, "text": "x", "text_hi": "x" * 201}, ["text_hi"]),
    ],
)
def test_a_wrong_phrase_is_refused_at_its_field(doctor, now, form, wrong):
    with pytest.raises(Invalid) as refused:
        services.keep_phrase(doctor, form, now=now)
    assert list(refused.value.fields) == wrong


def test_another_doctors_shortcuts_are_not_found(doctor, now):
    template = kept(doctor, now)
    other = make_staff("doctor")
    assert services.of(other, ROWS) == []
    with pytest.raises(NotFound):
        services.get(other, template.uid, ROWS)
    with pytest.raises(NotFound):
        services.delete(other, template.uid)


def test_there_is_an_end_to_what_is_kept(doctor, now, monkeypatch):
    monkeypatch.setattr(services, "MOST", 1)
    kept(doctor, now)
    with pytest.raises(Invalid):
        services.keep_rows(doctor, "Another", Notes(items=(ROW,)), now=now)
