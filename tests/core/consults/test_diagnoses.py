"""Suggested diagnoses: the short list in both languages, and the WHO's whole one where it is installed."""

import pytest

from portal.core.consults import diagnoses


@pytest.fixture
def _alone(monkeypatch):
    """Without the extra."""
    monkeypatch.setattr(diagnoses, "_whole", lambda: ())


@pytest.mark.usefixtures("_alone")
@pytest.mark.parametrize("text", ["typhoid", "Typhoid fever", "fever typh", "a01", "टाइफाइड"])
def test_the_short_list_is_found_by_code_and_by_words_of_both_languages(text) -> None:
    assert diagnoses.search(text, "en")[0] == ("A01", "Typhoid fever")
    assert diagnoses.search(text, "hi")[0] == ("A01", "टाइफाइड (मियादी बुखार)")


@pytest.mark.usefixtures("_alone")
def test_what_nobody_knows_is_not_suggested() -> None:
    assert diagnoses.search("spleen of a unicorn", "en") == []


def test_nothing_typed_suggests_the_short_list() -> None:
    assert diagnoses.search(" ", "en") == diagnoses.suggestions("en")


def test_the_whole_list_follows_the_short_one() -> None:
    pytest.importorskip(diagnoses.WHOLE_LIST, reason="the extra icd10 is not installed (make test installs it)")
    found = diagnoses.search("e11", "en")
    assert found[0] == ("E11", dict(diagnoses.suggestions("en"))["E11"])
    assert ("E11.9", "Type 2 diabetes mellitus without complications") in found
    assert len(diagnoses.search("fracture", "en")) == diagnoses.MOST
