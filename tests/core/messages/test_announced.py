"""Preview of an announcement's SMS, with its cost."""

import html

import pytest

from portal.core.messages.announced import as_sent
from tests.factories import make_staff

PAGE = "/announcements"


@pytest.fixture
def desk(sign_in):
    return sign_in(make_staff("desk"))


def preview(desk, live: bool = True, **form) -> str:
    headers = {"HX-Request": "true"} if live else {}
    return html.unescape(desk.submit(PAGE, {"do": "preview", "kind": "other"} | form, headers=headers).text)


def test_the_preview_shows_the_sms_in_both_languages_with_its_parts(desk):
    page = preview(desk, text="Dr. Rao’s room is 4", text_hi="कमरा 4")
    assert page.strip().startswith('<section id="sms"')
    assert "Tele-OPD: Dr. Rao's room is 4. Please see" in page
    assert "कमरा 4" in page
    assert page.count("1 part (GSM-7)") == page.count("1 part (UCS-2)") == 1
    assert "instead of 160" not in page


def test_the_preview_names_characters_that_double_the_cost(desk):
    page = preview(desk, text="आज room 4, please wait 🙂")
    assert "2 parts (UCS-2)" in page
    assert "instead of 160: आ ज 🙂" in page


@pytest.mark.parametrize("text", ["x" * 31, "see www.example.in", "mail a@b.in", "x" * 28 + "wa…"])
def test_the_preview_says_when_the_writers_words_are_not_in_the_sms(desk, text):
    page = preview(desk, text=text)
    assert "There is a message for you" in page
    assert "Your own words stand on the page only" in page


def test_an_ellipsis_counts_as_three_characters(db):
    """Thirty characters with one used to fail for everybody: as GSM characters they are thirty-two."""
    for text in ("y" * 29 + "…", "y" * 27 + "…"):
        (english, _hindi) = as_sent("other", text, "")
        assert english.counted.encoding == "GSM-7"
    assert english.is_whole
    assert "y..." in english.text


@pytest.mark.parametrize(("kind", "words"), [("late", "The doctor will be late"), ("other", "There is a message")])
def test_an_empty_form_has_a_default_text(db, kind, words):
    assert words in as_sent(kind, "", "")[0].text


def test_an_unknown_kind_has_no_preview(db):
    assert as_sent("gift", "x", "") == []


def test_without_javascript_the_whole_page_keeps_what_was_typed(desk):
    page = preview(desk, live=False, text="Room 4 today")
    assert "Room 4 today</textarea>" in page
    assert "Tele-OPD: Room 4 today. Please see" in page
