"""Strict JSON: what Python accepts and other parsers reject is refused with a sentence."""

import pytest

from portal.base.json_text import DEEPEST, read, read_object


@pytest.mark.parametrize("text", [b"{}", "[1, 2.5, -3e2]", '{"a": [true, null, "\\u0928"]}', b'"x"', "1" * 300])
def test_ordinary_json_is_read(text):
    assert read(text) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"\xff{}", "not JSON in UTF-8"),
        ("{}".encode("utf-16"), "UTF-8"),
        ("[" * 30_000, "nested too deeply"),
        ("[" * 30_000 + "]" * 30_000, "nested too deeply"),
        ("NaN", "NaN is no number"),
        ('{"a": Infinity}', "Infinity is no number"),
        ("[-Infinity]", "no number"),
        ("1e999", "1e999 is no number"),
        ('{"a": 1, "a\\u0000": 2}', "a twice"),
        ('{"status": "active", "status": "revoked"}', "status twice"),
        ("1" * 5000, "no number"),
    ],
)
def test_json_that_other_parsers_reject_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        read(text)


def test_nesting_is_limited():
    assert read("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(ValueError, match="deeply"):
        read("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))
    assert read_object("[" * 30_000) == read_object(b"[1]") == {}


def test_nul_and_lone_surrogates_are_removed():
    assert read(rb'{"a\u0000b": ["x\u0000\ud800y\udfff", "\ud83d\ude00"]}') == {"ab": ["xy", "\U0001f600"]}
