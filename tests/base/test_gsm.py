"""SMS encoding, segments, and folding of typographic characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.base.gsm import Segments, beyond_gsm, folded, segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 153, "GSM-7", 306, 3),
        ("क" * 70, "UCS-2", 70, 1),
        ("क" * 71, "UCS-2", 71, 2),
        ("क" * 134, "UCS-2", 134, 2),
        ("क" * 135, "UCS-2", 135, 3),
        ("🙂" * 35, "UCS-2", 70, 1),
        ("🙂" * 67, "UCS-2", 134, 3),
        ("`", "UCS-2", 1, 1),
        ("Δ[é]", "GSM-7", 6, 1),
    ],
)
def test_sms_parts_are_counted_as_operators_charge(text: str, encoding: str, units: int, parts: int) -> None:
    assert segments(text) == Segments(encoding, units, parts)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_ucs2_length_is_counted_in_utf16_units(text: str) -> None:
    counted = segments(text + "ॐ")
    assert counted.units == len((text + "ॐ").encode("utf-16-be")) // 2
    assert (counted.parts == 1) == (counted.units <= 70)
    assert counted.parts >= -(-counted.units // 70)


@given(st.text("aé€[🙂क", max_size=400), st.text("aé€[🙂क", max_size=10))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text + more).parts >= segments(text).parts


def test_a_text_that_stays_ucs2_keeps_its_quotes() -> None:
    assert folded("“बारी”") == "“बारी”"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Dr. Rao’s “late” – wait…", 'Dr. Rao\'s "late" - wait...'),
        ("O\u2011P\u2011D", "O-P-D"),
        ("5′ 2″", "5' 2\""),
        ("a\u00a0b\u2009c\u202fd", "a b c d"),
        ("«x» × 2", '"x" x 2'),
        ("₹20", "Rs 20"),
        ("`code`", "'code'"),
        ("cafe\u0301", "café"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("room 4 · hall", "room 4 - hall"),
    ],
)
def test_typographic_characters_are_folded_to_gsm7(typed: str, plain: str) -> None:
    assert folded(typed) == plain
    assert segments(plain).encoding == "GSM-7"


@given(st.text(max_size=60))
def test_folding_is_idempotent_and_adds_no_ucs2_character(text: str) -> None:
    plain = folded(text)
    assert plain == text or not beyond_gsm(plain)
    assert folded(plain) == plain
