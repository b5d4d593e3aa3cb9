"""The script that updates the Hindi catalogue."""

import json
from pathlib import Path

import pytest

from scripts import translations

PAIRS = {"Verify": "जाँचें", "Board": "बोर्ड", "%(n)s ahead of you": "आपसे आगे %(n)s"}


def test_the_catalogue_is_sorted_and_holds_no_dates_or_line_numbers() -> None:
    text = translations.render(PAIRS)
    assert text == translations.render(dict(reversed(PAIRS.items())))
    assert text.index('"Board"') < text.index('"Verify"')
    assert "Date" not in text
    assert "#:" not in text


def test_the_catalogue_round_trips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "CATALOGUE", tmp_path / "messages.po")
    translations.CATALOGUE.write_text(translations.render(PAIRS), "utf-8")
    assert translations.translated() == PAIRS


def test_a_translation_must_have_the_same_placeholders() -> None:
    wrong = {"%(n)s ahead of you": "आपसे आगे %(m)s", "%(a)s and %(b)s": "%(b)s और %(a)s"}
    assert translations.mismatched(PAIRS | wrong) == ["%(n)s ahead of you"]


def test_two_files_that_disagree_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, hindi in (("a", "जाँचें"), ("b", "परखें")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"Verify": hindi}), "utf-8")
    assert translations.handed_in(tmp_path) == {"Verify": "जाँचें"}
    assert "b.json" in capsys.readouterr().out


def test_sentences_come_from_code_templates_and_plugins_alike() -> None:
    found = translations.sentences()
    assert {"This is required.", "Skip to main content"} <= found
