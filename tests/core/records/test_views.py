"""The family's upload form."""

import re
from io import BytesIO

import pytest
from lxml import html
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.core.records.cleaning import sandbox
from portal.core.records.models import Preview, Record
from portal.work.audit import AuditRow
from tests.core.records.papers import jpeg, report, saved
from tests.factories import make_staff, make_visit


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


@pytest.fixture
def paper_of(queue, sign_in):
    """paper_of(content): a visit with the doctor, and its cleaned record."""

    def upload(content: bytes, name: str = "report.pdf"):
        visit = make_visit("in_call")
        browser, address = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"
        browser.post(address, data=browser.hidden_fields(address) | {"records": (BytesIO(content), name)})
        queue.drain()
        return visit, Record.get()

    return upload


def test_the_pages_of_a_pdf_are_pictures_beside_the_consult_form(db, sign_in, paper_of):
    visit, record = paper_of(saved(report(pages=2)))
    browser = sign_in(visit.doctor)
    page = html.fromstring(browser.get(f"/records/{record.uid}/beside").text)
    addresses = page.xpath('//img[@loading="lazy"]/@src')
    assert addresses == [f"/records/{record.uid}/pages/{number}" for number in (1, 2)]
    for address in addresses:
        answer = browser.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert Image.open(BytesIO(answer.data)).getextrema() != ((255, 255),) * 3, "something is drawn"
    assert [browser.get(f"/records/{record.uid}/pages/{number}").status_code for number in (0, 3)] == [404, 404]


def test_only_the_doctor_who_has_the_patient_sees_a_page(db, sign_in, paper_of):
    visit, record = paper_of(saved(report()))
    address = f"/records/{record.uid}/pages/1"
    assert sign_in(make_staff("doctor")).get(address).status_code == 404
    assert sign_in(visit.beneficiary).get(address).status_code == 403


def test_a_photograph_is_one_page_that_opens_in_a_tab(db, sign_in, paper_of):
    visit, record = paper_of(jpeg(), "photo.jpg")
    browser, address = sign_in(visit.doctor), f"/records/{record.uid}/pages/1"
    page = html.fromstring(browser.get(f"/records/{record.uid}/beside").text)
    assert page.xpath("//*[@data-viewer]//a/@href") == [address], "a plain link without JavaScript"
    answer = browser.get(address)
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert Image.open(BytesIO(answer.data)).size == (40, 30)
    assert browser.get(f"/records/{record.uid}/pages/2").status_code == 404
    assert browser.get(f"/records/{record.uid}").headers["Content-Disposition"].startswith("attachment")


def test_the_consult_page_shows_each_record_as_a_thumbnail(db, sign_in, paper_of):
    visit, _record = paper_of(saved(report()))
    browser = sign_in(visit.doctor)
    page = html.fromstring(browser.get(f"/visits/{visit.uid}/consult").text)
    (address,) = page.xpath('//*[@class="papers"]//img/@src')
    answer = browser.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert max(Image.open(BytesIO(answer.data)).size) == 320


def test_only_those_who_may_read_a_record_see_its_thumbnail(db, sign_in, paper_of):
    visit, record = paper_of(jpeg(), "photo.jpg")
    address = f"/records/{record.uid}/thumbnail"
    assert address in sign_in(visit.beneficiary).get(f"/visits/{visit.uid}/records").text
    people = [visit.beneficiary, visit.doctor, make_staff("doctor"), make_visit("waiting").beneficiary]
    assert [sign_in(person).get(address).status_code for person in people] == [200, 200, 404, 404]


def test_a_sitting_of_the_doctor_is_one_reading(db, sign_in, paper_of, clock):
    visit, record = paper_of(saved(report(pages=2)))
    browser = sign_in(visit.doctor)
    readings = AuditRow.select().where((AuditRow.action == "RecordRead") & (AuditRow.subject == record.uid))
    for address in ("thumbnail", "beside", "pages/1", "pages/2"):
        assert browser.get(f"/records/{record.uid}/{address}").status_code == 200
    assert readings.count() == 1
    clock.tick(16 * 60)
    sign_in(visit.doctor).get(f"/records/{record.uid}/pages/1")
    assert readings.count() == 2


def test_where_a_page_cannot_be_drawn_the_file_can_be_opened(db, sign_in, paper_of, monkeypatch):
    visit, record = paper_of(saved(report()))

    def fails(content, number):
        raise sandbox.SandboxFailed("out of memory")

    monkeypatch.setattr(sandbox, "page_of", fails)
    Preview.delete().execute()
    Record.update(pages=None).execute()
    page = sign_in(visit.doctor).get(f"/records/{record.uid}/beside")
    assert page.status_code == 200
    assert f'href="/records/{record.uid}"' in page.text
