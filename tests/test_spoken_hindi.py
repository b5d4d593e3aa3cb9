"""Hindi is spoken Hindi: no office word in catalogues, SMS, pages and on paper, and dates and times as people say them.

The words to avoid are the table of section 6.1 of docs/rules/domain.md.
"""

import html
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.base.language import speaking
from portal.core.messages.kinds import KINDS
from portal.core.paper import large_print, pdf
from tests.core.paper.samples import sample
from tests.web.forms.test_kept_forms import TRIED
from tests.web.forms.test_kept_forms import world as world

ROOT = Path(__file__).parent.parent
CATALOGUES = sorted(ROOT.glob("p*/**/translations/hi/LC_MESSAGES/messages.po"))
TABLE = (ROOT / "docs/rules/domain.md").read_text("utf-8").partition("### 6.1")[2].partition("\n---")[0]
AVOIDED = [word for row in re.findall(r"^\| ([^|]+) \|", TABLE, re.M)[1:] for word in row.split(", ")]
ADVISED = {
    word.strip("()")
    for row in re.findall(r"^\| [^|]+ \| ([^|]+) \|", TABLE, re.M)[1:]
    for word in row.replace(",", "").split()
}
GLUED = re.compile(
    rf"[\u0900-\u097f]+(?:{'|'.join(sorted(word for word in ADVISED if len(word) > 2))})[\u0900-\u097f]*"
)
LONGER = {
    "अस्पताल",
    "ज़ुकाम",
    "आसपास",
    "इसलिए",
    "किसलिए",
    "छपता",
    "दोबारा",
    "बोलिए",
    "सौंपता",
}  # have such a word by chance
OFFICE = re.compile(rf"(?<![\u0900-\u097f])(?:{'|'.join(AVOIDED)})(?![\u0900-\u0963\u0966-\u097f])")
SHORT = re.compile(r"[\u0900-\u097f]\u0970 \d|\d:\d\d[ \u00a0\u202f]?[ap]m\b", re.I)
PAPER = ["prescription.html", "slip.html"]
FOR_ALL = ["/", "/help", "/privacy", "/grievance", "/accessibility", "/doctors", "/rx", "/login", "/staff/login"]


def office_words(text: str) -> list[str]:
    return sorted(set(OFFICE.findall(text)))


def words_of(page: str) -> str:
    """What people see or hear of a page: its text, labels and the sentences that scripts say."""
    labels = re.findall(r'(?:aria-label|placeholder|title|alt|content|value|data-[\w-]+)="([^"]*)"', page)
    plain = re.sub(r"<(script|style|textarea)\b.*?</\1>", " ", page, flags=re.S)
    return html.unescape(" ".join([*labels, re.sub(r"<[^>]+>", " ", plain)]))


def test_the_words_to_avoid_are_found_where_they_stand():
    assert len(AVOIDED) > 50
    assert office_words("यह सत्यापित है।") == ["सत्यापित"]
    assert office_words("बाकी सब, विशेषज्ञ, बीमारी, अधिकार") == []
    assert SHORT.search("29 नव॰ 2026")
    assert SHORT.search("6:27 am")
    assert not SHORT.search("सुबह 6:27")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_no_catalogue_has_an_office_word(path):
    with path.open("rb") as file:
        found = {str(each.id): office_words(str(each.string)) for each in read_po(file, locale="hi") if each.id}
    assert {english: words for english, words in found.items() if words} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_no_word_was_replaced_inside_another_one(path):
    with path.open("rb") as file:
        found = {
            str(each.id): set(GLUED.findall(str(each.string))) - LONGER
            for each in read_po(file, locale="hi")
            if each.id
        }
    assert {english: words for english, words in found.items() if words} == {}


def test_buttons_say_what_they_do_and_states_what_is():
    with CATALOGUES[-1].open("rb") as file:
        hindi = {each.id: each.string for each in read_po(file, locale="hi")}
    for button in ("Mute", "Unmute", "Camera off", "Camera on", "On duty", "Off duty", "Switch off", "Switch on"):
        assert re.search("(करें|लें)$", hindi[button]), button
    for state in ("on duty", "not on duty", "Your microphone is off.", "Camera is switched off"):
        assert re.search("(है|हैं)।?$", hindi[state]), state


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_message_has_an_office_word(kind):
    assert office_words(KINDS[kind].hi) == []


@pytest.mark.parametrize("name", PAPER)
def test_no_form_on_paper_has_an_office_word(name):
    assert office_words((ROOT / "templates/pdf" / name).read_text("utf-8")) == []


def test_the_patients_sheet_has_neither_office_words_nor_short_dates(db):
    with speaking("hi"):
        text = words_of(large_print.html_of(sample(language="hi"), "1800-208-8900"))
    assert (office_words(text), SHORT.findall(text)) == ([], [])
    assert "23 नवंबर 2026" in text


def test_the_prescription_keeps_its_form_in_english_and_hindi():
    text = words_of(pdf.html_of(sample(language="hi", kind="follow_up", present="patient")))
    assert office_words(text) == []
    assert "Patient / मरीज़" in text


@pytest.mark.parametrize("address", FOR_ALL)
def test_no_page_for_everybody_has_an_office_word_or_a_short_date(client, address):
    client.set_cookie("lang", "hi")
    page = client.get(address)
    assert page.status_code in {200, 503}  # 503: nobody sends OTPs here
    assert 'lang="hi"' in page.text
    text = words_of(page.text)
    assert (office_words(text), SHORT.findall(text)) == ([], [])


def test_no_page_of_a_role_has_an_office_word_or_a_short_date(world, sign_in):
    browsers = {role: sign_in(person) for role, person in world["people"].items()}
    wrong = {}
    for role, pattern in TRIED:
        browsers[role].set_cookie("lang", "hi")
        text = words_of(browsers[role].get(pattern.format_map(world["names"])).text)
        if found := office_words(text) + SHORT.findall(text):
            wrong[role, pattern] = found
    assert wrong == {}
