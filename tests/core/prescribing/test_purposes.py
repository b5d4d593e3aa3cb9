"""What medicines are for, in both languages."""

import pytest

from portal.core.prescribing.notes import ROW_LIMITS
from portal.core.prescribing.purposes import PURPOSES, offered, purpose_in_words


def test_each_purpose_is_said_in_the_other_language_and_back():
    for english, hindi in PURPOSES.items():
        assert purpose_in_words(english, "hi") == hindi
        assert purpose_in_words(hindi, "en") == english
    assert len(set(PURPOSES.values())) == len(PURPOSES)


def test_the_offered_ones_fit_into_their_field():
    assert all(len(words) <= ROW_LIMITS["purpose"] for language in ("en", "hi") for words in offered(language))


@pytest.mark.parametrize("language", ["en", "hi"])
def test_other_words_stay_as_written(language):
    assert purpose_in_words("for the itch at night", language) == "for the itch at night"
    assert purpose_in_words("", language) == ""
