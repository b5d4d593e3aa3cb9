"""The family's upload form."""

import re
from io import BytesIO

import pytest
from lxml import html
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.core.records.models import Record
from tests.core.records.papers import jpeg
from tests.factories import make_visit


def test_a_form_sent_twice_stores_its_file_once(db, sign_in):
    visit = make_visit("waiting")
    browser, address = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"
    hidden = browser.hidden_fields(address)
    sent = [browser.post(address, data=hidden | {"records": (BytesIO(jpeg()), "photo.jpg")}) for _press in range(2)]
    assert [answer.status_code for answer in sent] == [303, 303]
    assert sent[1].headers["Idempotent-Replayed"] == "1"
    assert Record.select().count() == 1


def test_a_form_with_a_good_and_a_bad_file_sent_twice_stores_the_good_one_once(db, sign_in):
    visit = make_visit("waiting")
    browser, address = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"
    hidden = browser.hidden_fields(address)

    def press():
        files = [(BytesIO(jpeg()), "photo.jpg"), (BytesIO(b"no picture"), "letter.docx")]
        return browser.post(address, data=hidden | {"records": files})

    first, again = press(), press()
    assert (first.status_code, again.status_code, again.location) == (415, 303, address)
    reason = html.fromstring(first.text).get_element_by_id("records-error").text_content().removeprefix("Error: ")
    assert "letter.docx" in reason
    assert reason in browser.get(address).text
    assert Record.select().count() == 1


def test_a_photo_of_two_megabytes_is_accepted(db, sign_in):
    visit = make_visit("waiting")
    browser, address = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"
    photo, hidden = jpeg() + bytes(2 * 1024 * 1024), browser.hidden_fields(address)
    boundary, body = encode_multipart(hidden | {"records": FileStorage(BytesIO(photo), "photo.jpg")})
    answer = browser.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 303
    assert Record.get().size == len(photo)


@pytest.mark.parametrize(
    ("state", "takes_files"), [("waiting", True), ("in_call", True), ("completed", False), ("no_show", False)]
)
def test_another_file_is_asked_for_only_where_it_can_be_sent(db, sign_in, now, state, takes_files):
    visit = make_visit(state)
    for number, (kept, refusal) in enumerate(
        [("refused", "damaged"), ("refused", ""), ("partial", ""), ("locked", "")]
    ):
        Record.create(
            beneficiary=visit.beneficiary,
            visit=visit,
            title=f"{number}.pdf",
            kind="pdf",
            stored_name=f"{number}.pdf",
            size=10,
            sha256=str(number),
            state=kept,
            refusal=refusal,
            uploaded_at=now,
        )
    browser = sign_in(visit.beneficiary)
    for address in (f"/visits/{visit.uid}", f"/visits/{visit.uid}/records"):
        page = html.fromstring(browser.get(address).text)
        text = page.get_element_by_id("records-list").text_content()
        asks = [
            "Please send the file again" in text,
            "send a photograph" in text,
            bool(page.xpath("//input[@type='file']")),
        ]
        assert asks == [takes_files] * 3
        assert ("A part of the file is missing" in text, "Type its password here" in text) == (True, True)


def test_each_locked_file_has_a_field_of_its_own(db, sign_in, now):
    visit = make_visit("waiting")
    for title in ("one.pdf", "two.pdf"):
        Record.create(
            beneficiary=visit.beneficiary,
            visit=visit,
            title=title,
            kind="pdf",
            stored_name=title,
            size=1,
            sha256="x",
            uploaded_at=now,
            state="locked",
        )
    browser = sign_in(visit.beneficiary)
    text = browser.get(f"/visits/{visit.uid}/records").text
    fields = re.findall(r'<input id="(password-[^"]+)" name="password"', text)
    assert len(set(fields)) == 2
    assert all(f'<label for="{field}">' in text for field in fields)
    ids = re.findall(r' id="([^"]+)"', text)
    assert sorted(ids) == sorted(set(ids))
