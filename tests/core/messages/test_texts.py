"""Wording of messages: registered, bilingual, one part each."""

import re
from string import Template

import pytest

from portal.base.gsm import LONGEST_VALUE, segments
from portal.core.messages.kinds import KINDS
from portal.core.messages.texts import default, fill

LONGEST = {
    "code": "987654",
    "minutes": "10",
    "patient_id": "2611230000179",
    "token": "MED-999",
    "ahead": "20",
    "day": "23-11-2026",
    "time": "23:59",
    "link": "opd.cghs.gov.in/s/abcdefghij",
}
BOTH = [(name, language) for name in KINDS for language in ("en", "hi")]


def longest(name: str) -> dict[str, str]:
    number = "RX-2611-000123" if name == "prescription" else "999"
    return {value: LONGEST.get(value, number) for value in KINDS[name].names}


def render(name: str, language: str, values: dict[str, object]) -> str:
    """Render the default wording."""
    return fill(name, default(name, language), values)


def test_all_messages_of_the_contract_have_a_text() -> None:
    named = "otp registered token near_turn your_turn missed_call prescription session_cancelled".split()
    assert set(named) <= set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_an_english_text_is_one_gsm_part(name: str) -> None:
    counted = segments(render(name, "en", longest(name)))
    assert (counted.encoding, counted.parts) == ("GSM-7", 1)


@pytest.mark.parametrize("name", KINDS)
def test_a_hindi_text_has_the_parts_of_its_entry(name: str) -> None:
    counted = segments(render(name, "hi", longest(name)))
    assert (counted.encoding, counted.parts) == ("UCS-2", KINDS[name].parts)


def test_only_the_text_with_a_link_has_two_parts() -> None:
    assert [name for name, kind in KINDS.items() if kind.parts > 1] == ["your_turn_link"]


@pytest.mark.parametrize("value", ["pay.example", "opd.cghs.gov.in/s/abc", "https://opd.in/s/abcdefghij"])
def test_only_a_short_link_of_ours_is_a_link(value: str) -> None:
    with pytest.raises(ValueError, match="on one line"):
        render("your_turn_link", "en", {"token": "MED-1", "minutes": 2, "link": value})


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_every_variable_is_in_the_text_and_the_brand_ends_it(name: str, language: str) -> None:
    values = longest(name)
    text = render(name, language, values)
    assert all(value in text for value in values.values())
    assert text.endswith(" -CGHSTC")
    assert "$" not in text


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_the_default_wording_can_be_registered(name: str, language: str) -> None:
    wording = getattr(KINDS[name], language)
    assert not re.search(r"[<>]|  |://|www|\n", wording)
    assert set(Template(wording).get_identifiers()) == KINDS[name].names


@pytest.mark.parametrize("name", ["registered", "token"])
def test_registration_and_token_texts_have_the_patient_id(name: str) -> None:
    assert "patient_id" in KINDS[name].names


@pytest.mark.parametrize(("name", "language"), [("gift", "en"), ("otp", "fr"), ("", "hi")])
def test_an_unknown_text_or_language_is_refused(name: str, language: str) -> None:
    with pytest.raises(ValueError, match="there is no text"):
        render(name, language, {"code": "123456", "minutes": 5})


@pytest.mark.parametrize(
    "values", [{}, {"code": "1"}, {"code": "1", "minutes": 5, "name": "x"}, {"code": "1", "minute": 5}]
)
def test_missing_and_extra_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="takes code, minutes"):
        render("otp", "en", values)


@pytest.mark.parametrize("value", ["", "  ", "x" * (LONGEST_VALUE + 1)])
def test_an_empty_or_too_long_value_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="1 to 30 characters"):
        render("missed_call", "en", {"token": value})


@pytest.mark.parametrize("value", ["MED-1\nPay now", "\x1b[31m", "http://x.in", "www.x", "pay.example", "MED\u202e1"])
def test_a_value_cannot_inject_a_line_or_a_url(value: str) -> None:
    with pytest.raises(ValueError, match="on one line"):
        render("missed_call", "hi", {"token": value})


@pytest.mark.parametrize("value", ["$token", "${token}", "{{7*7}}", "{0.__class__}", "%n"])
def test_a_value_is_never_rendered_as_a_template(value: str) -> None:
    assert value in render("missed_call", "en", {"token": value})


def test_curly_quotes_in_a_value_do_not_double_the_cost() -> None:
    text = render("announcement", "en", {"text": "Dr. Rao’s “late” – wait…"})
    assert text.startswith('Tele-OPD: Dr. Rao\'s "late" - wait...')
    assert segments(text).encoding == "GSM-7"
