"""JSON from outside: what Python takes and nobody else does is refused with a sentence."""

import pytest

from portal.core.json_text import DEEPEST, read


@pytest.mark.parametrize("text", [b"{}", "[1, 2.5, -3e2]", '{"a": [true, null, "\\u0928"]}', b'"x"', "1" * 300])
def test_ordinary_json_is_read(text):
    assert read(text) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "not JSON"), (b"", "not JSON"), (b"\xff{}", "not JSON"), ("[" * 30_000, "nested too deeply"),
        ("[" * 30_000 + "]" * 30_000, "nested too deeply"), ("NaN", "NaN is no number"),
        ('{"a": Infinity}', "Infinity is no number"), ("[-Infinity]", "no number"), ("1e999", "1e999 is no number"),
        ('["\\u0000"]', "cannot be stored"), ('{"\\u0000": 1}', "cannot be stored"), ('"\\ud800"', "cannot be stored"),
        ('{"status": "active", "status": "revoked"}', "status twice"), ("1" * 5000, "no number"),
    ],
)  # fmt: skip
def test_what_others_would_stumble_over_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        read(text)


def test_as_deep_as_allowed_and_no_deeper():
    assert read("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(ValueError, match="deeply"):
        read("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2))
