"""A medicine as its patient reads it."""

import re
from dataclasses import replace

import pytest

from portal.contracts import MedicineRecord
from portal.core.paper.cards import card_of, taken_in_words

AMLODIPINE = MedicineRecord("Amlodipine", "tablet", "5 mg", "1 tab", "BD", 30, 60, "")


def made(language="en", **changes):
    return card_of(replace(AMLODIPINE, **changes), language)


def test_twice_a_day_is_drawn_and_said():
    card = made()
    assert card.name == "AMLODIPINE 5 mg"
    (turn,) = card.turns
    assert turn.day == {"morning": "1", "noon": "", "night": "1"}
    assert turn.words == "1 tablet twice a day"
    assert (card.days, card.quantity) == ("30 days", "60 tablets")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("खाने के बाद", "खाने के बाद (after food)"),
        ("खाने के बाद · दूध के साथ", "खाने के बाद · दूध के साथ (after food · with milk)"),
        ("बाएँ घुटने पर", "बाएँ घुटने पर"),
        ("PC", "PC"),
    ],
)
def test_a_pharmacist_reads_in_english_what_is_written_in_the_patients_language_too(written, read):
    medicine = replace(AMLODIPINE, instructions=written)
    assert taken_in_words(medicine, "en") == ["tablet", "5 mg", "1 tab", "BD", read]


def test_in_hindi_nothing_of_it_is_english_but_the_name():
    card = made("hi", instructions="PC")
    assert card.form == "गोली"
    assert card.turns[0].words == "1 गोली दिन में दो बार"
    assert (card.food, card.days, card.quantity) == ("खाना खाने के बाद", "30 दिन", "60 गोलियाँ")
    assert card.spoken == "AMLODIPINE 5 mg, गोली. 1 गोली दिन में दो बार. खाना खाने के बाद. 30 दिन."


@pytest.mark.parametrize(
    ("instructions", "food", "notes"),
    [
        ("after food", "after food", ()),
        ("AC · shake well", "before food", ("shake well",)),
        ("with plenty of water", "", ("with plenty of water",)),
        ("", "", ()),
    ],
)
def test_food_has_a_place_of_its_own_beside_other_instructions(instructions, food, notes):
    card = made(instructions=instructions)
    assert (card.food, card.notes) == (food, notes)


@pytest.mark.parametrize("frequency", ["OD", "BD", "TDS", "QID", "HS", "SOS", "STAT", "q6h", "weekly", "1-0-1"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_no_abbreviation_stands_alone(frequency, language):
    card = made(language, dose="", frequency=frequency)
    assert card.turns[0].words
    assert frequency not in re.split(r"[ ,.]+", card.spoken)


def test_at_bedtime_is_drawn_in_the_place_of_the_night():
    assert made(frequency="HS").turns[0].day == {"morning": "", "noon": "", "bedtime": "1"}


def test_once_a_day_is_said_and_not_drawn():
    (turn,) = made(frequency="OD").turns
    assert (turn.day, turn.words) == ({}, "1 tablet once a day")


def test_a_tapering_dose_has_a_turn_for_each_step():
    card = made(dose="", frequency="2 tab OD x 5 days then 1 tab OD x 5 days", duration_days=None)
    assert [turn.words for turn in card.turns] == [
        "2 tablets once a day, for 5 days",
        "1 tablet once a day, for 5 days",
    ]
    assert card.days == "10 days"


def test_what_is_not_understood_stays_as_it_was_written():
    card = made(dose="thin layer", frequency="BD", form="cream", quantity=1)
    assert card.turns[0].words == "thin layer, twice a day"
    assert card.turns[0].day == {"morning": "✓", "noon": "", "night": "✓"}
    assert card.quantity == "1 × cream"


def test_instructions_that_contradict_the_dose_stand_beside_it():
    card = made(frequency="1-0-1", dose="", instructions="at bedtime")
    assert card.turns[0].day == {"morning": "1", "noon": "", "night": "1"}
    assert card.notes == ("at bedtime",)


def test_millilitres_are_drawn_with_their_unit():
    assert made(form="syrup", dose="5 ml", frequency="TDS").turns[0].day["noon"] == "5 ml"
    assert made("hi", form="syrup", dose="5 ml", frequency="TDS").turns[0].day["noon"] == "5 मिली"


def test_as_directed_stands_in_the_doctors_words():
    card = made(dose="", frequency="", duration_days=None, instructions="As directed: by the level of sugar")
    assert (card.turns, card.notes) == ((), ("As directed: by the level of sugar",))


def test_usual_instructions_are_said_in_the_patients_language():
    assert made("hi", instructions="after food · Shake well").notes == ("अच्छी तरह हिलाकर लें",)


def test_what_a_medicine_is_for_is_said_in_the_patients_language():
    assert made("hi", purpose="For blood pressure").purpose == "ब्लड प्रेशर के लिए"
    assert made("en", purpose="ब्लड प्रेशर के लिए").purpose == "for blood pressure"
    assert made("hi", purpose="for the itch at night").purpose == "for the itch at night"
    assert "for pain" in made(purpose="for pain").spoken
