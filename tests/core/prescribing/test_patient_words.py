"""What medicines are for and how they are taken, in both languages."""

import pytest

from portal.core.prescribing.notes import ROW_LIMITS
from portal.core.prescribing.patient_words import (
    INSTRUCTIONS,
    PURPOSES,
    in_patients_words,
    instructions,
    purposes,
)


@pytest.mark.parametrize(("listed", "offered"), [(PURPOSES, purposes), (INSTRUCTIONS, instructions)])
def test_each_is_said_in_the_other_language_and_back(listed, offered):
    for english, hindi in zip(listed, offered("hi"), strict=True):
        assert any("\u0900" <= sign <= "\u097f" for sign in hindi)
        assert in_patients_words(english.capitalize(), "hi") == hindi
        assert in_patients_words(hindi, "en") == english
    assert len(set(offered("hi"))) == len(listed)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_offered_ones_fit_into_their_fields(language):
    assert all(len(words) <= ROW_LIMITS["purpose"] for words in purposes(language))
    assert all(len(words) <= ROW_LIMITS["instructions"] for words in instructions(language))


@pytest.mark.parametrize("language", ["en", "hi"])
def test_other_words_stay_as_written(language):
    assert in_patients_words("for the itch at night", language) == "for the itch at night"
    assert in_patients_words("", language) == ""
