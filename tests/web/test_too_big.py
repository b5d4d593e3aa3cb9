"""413 pages: what was too big, that nothing was stored, and the link back to the form."""

from io import BytesIO

import pytest
from lxml import html

from tests.factories import make_visit

WORDS = {
    "en": ("The file is too big", "A file may have at most 10 MB", "This is too much at once", "Back to the form"),
    "hi": ("फ़ाइल बहुत बड़ी है", "10 एमबी की", "एक बार में यह बहुत ज़्यादा है", "फ़ॉर्म पर वापस"),
}


def links(text: str) -> dict[str, str]:
    """The links of the page's main part, by their text."""
    return {each.text_content().strip(): each.get("href") for each in html.fromstring(text).xpath("//main//a")}


@pytest.mark.parametrize("spoken", WORDS)
def test_a_413_for_files_names_the_limit_and_links_back(db, sign_in, spoken):
    visit = make_visit("waiting")
    browser, address = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"
    browser.set_cookie("lang", spoken)
    kind = "multipart/form-data; boundary=x"  # the announced length is enough: the body is not read
    announced = {"CONTENT_LENGTH": "90000000"}
    answer = browser.post(address, input_stream=BytesIO(), content_type=kind, environ_overrides=announced)
    title, limit, _text, back = WORDS[spoken]
    assert (answer.status_code, title in answer.text, limit in answer.text) == (413, True, True)
    assert links(answer.text)[back] == address


@pytest.mark.parametrize("spoken", WORDS)
def test_a_413_for_text_does_not_speak_of_files(db, sign_in, spoken):
    visit = make_visit("in_call")
    browser, address = sign_in(visit.doctor), f"/visits/{visit.uid}/consult"
    browser.set_cookie("lang", spoken)
    answer = browser.post(address, data={"history": "x" * 3_000_000})
    file, _limit, text, back = WORDS[spoken]
    assert (answer.status_code, text in answer.text, file in answer.text) == (413, True, False)
    assert links(answer.text)[back] == address


def test_a_413_without_a_form_page_links_to_the_front_page(db, sign_in):
    visit = make_visit("in_call")
    answer = sign_in(visit.doctor).post(f"/visits/{visit.uid}/complete", data={"history": "x" * 3_000_000})
    assert (answer.status_code, "/" in links(answer.text).values()) == (413, True)
