"""Hindi is complete: every sentence of code, templates and built-in plugins has its translation."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "portal/translations/hi/LC_MESSAGES/messages.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "silent": "false"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def used_sentences() -> set[str]:
    found = set()
    for folder in ("portal", "plugins", "templates"):
        for row in extract_from_dir(ROOT / folder, METHODS, OPTIONS):
            message = row[2]
            found.add(message if isinstance(message, str) else message[0])
    return found


@pytest.fixture(scope="module")
def hindi() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="hi") if message.id}


def test_no_template_hands_words_of_others_to_gettext():
    """What `_()` returns is not escaped: words of a plugin or of the database go through `translated`."""
    pages = [page for folder in ("templates", "plugins", "examples") for page in (ROOT / folder).rglob("*.html")]
    assert [page.name for page in pages if re.search(r"(?<![\w.])_\((?!\s*[\"'])", page.read_text("utf-8"))] == []


def test_every_sentence_has_a_hindi_translation(hindi):
    assert sorted(text for text in used_sentences() if not hindi.get(text)) == []


def test_the_catalogue_has_no_unused_translations(hindi):
    assert sorted(set(hindi) - used_sentences()) == []


def test_every_placeholder_survives_translation(hindi):
    wrong = [text for text, other in hindi.items() if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(other))]
    assert wrong == []


def test_hindi_is_written_in_hindi(hindi):
    latin = [
        text
        for text, other in hindi.items()
        if other and not re.search("[\u0900-\u097f]", other) and re.search("[a-z]{4}", text)
    ]
    assert latin == []
