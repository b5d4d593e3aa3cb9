"""Break-glass: a reason, a second person where the setting asks, half an hour, and the person is told (S10)."""

from datetime import timedelta
from io import BytesIO

import pytest
from lxml import html

from portal.base.errors import Conflict
from portal.core.clinic.models import Specialty
from portal.core.messages.models import Message
from portal.core.opening import services
from portal.core.opening.models import Opening, RecordOpened
from portal.core.paper import pdf
from portal.core.records.models import Record
from portal.settings.clinic import put
from portal.work.audit import AuditRow
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.core.records.papers import jpeg
from tests.factories import make_beneficiary, make_staff, make_visit
from tests.printed import quickly

REASON = "Inquiry 14/2026 asks who prescribed"


@pytest.fixture
def person(db):
    return make_beneficiary()


@pytest.fixture
def browser(db, sign_in):
    return sign_in(make_staff("admin", name="Asha Rao"))


def ask(browser, person, reason: str = REASON):
    where = f"/admin/record/{person.uid}/open"
    return browser.submit(where, {"reason": reason}, page=where)


def test_without_a_reason_nothing_is_opened(browser, person) -> None:
    answer = ask(browser, person, "because")
    assert (answer.status_code, 'id="reason-error"' in answer.text) == (422, True)
    assert not Opening.select().exists()
    assert not Message.select().exists()


def test_a_record_is_read_for_half_an_hour_and_the_family_is_told(browser, person, now, monkeypatch, sign_in) -> None:
    issued = make_prescription(now, make_visit("in_call", beneficiary=person, live_key=None))
    where = ask(browser, person).headers["Location"]
    page = browser.get(where).text
    assert issued.number in page
    event = Event.get(Event.name == "RecordOpened")
    assert (event.subject, RecordOpened.of(event).alone, RecordOpened.of(event).reason) == (person.uid, True, REASON)
    assert Message.get().template == "record_opened"
    assert AuditRow.select().where((AuditRow.action == "ChartRead") & (AuditRow.subject == person.uid)).count() == 1
    family = sign_in(person.account)
    assert "for a stated reason" in family.get("/my/readers").text
    asking = f"/admin/record/{person.uid}/open"
    assert where in browser.get(asking).text
    assert "has to confirm first" not in browser.get(asking).text
    Opening.update(ends_at=now).execute()
    assert where not in browser.get(asking).text, "it ends at its end"
    assert browser.get(where).status_code == 404
    assert browser.get(f"{where}/prescriptions/{issued.uid}.pdf").status_code == 404


def test_prescription_and_files_are_read_and_each_reading_is_on_record(
    browser, person, now, sign_in, queue, monkeypatch
) -> None:
    monkeypatch.setattr(pdf, "reserved", quickly(lambda _content: b"%PDF-1.7 the prescription"))
    visit = make_visit("waiting", beneficiary=person)
    sent = f"/visits/{visit.uid}/records"
    family = sign_in(person)
    family.post(sent, data=family.hidden_fields(sent) | {"records": (BytesIO(jpeg()), "photo.jpg")})
    issued = make_prescription(now, make_visit("in_call", beneficiary=person, live_key=None))
    queue.drain()
    where = ask(browser, person).headers["Location"]
    links = html.fromstring(browser.get(where).text).xpath("//main//a/@href")
    paper, photo = (browser.get(next(link for link in links if part in link)) for part in (".pdf", "/files/"))
    assert (paper.status_code, paper.data) == (200, b"%PDF-1.7 the prescription")
    assert (photo.status_code, photo.mimetype, photo.data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    read = AuditRow.select(AuditRow.subject).where(AuditRow.action.in_(["PrescriptionRead", "RecordRead"]))
    assert sorted(row.subject for row in read) == sorted([issued.uid, Record.get().uid])


@pytest.mark.parametrize("with_private", ["", "yes"])
def test_what_is_of_a_private_specialty_is_open_only_when_asked_for(browser, person, now, with_private) -> None:
    visit = make_visit("in_call", beneficiary=person, live_key=None)
    issued = make_prescription(now, visit)
    kept = {"kind": "jpeg", "size": 1, "sha256": "0" * 64, "state": "ready", "uploaded_at": now, "stored_name": "x"}
    photo = Record.create(beneficiary=person, visit=visit, title="A note of the ward", **kept)
    Specialty.update(is_private=True).where(Specialty.id == visit.session.specialty_id).execute()
    where = f"/admin/record/{person.uid}/open"
    opened = browser.submit(where, {"reason": REASON, "with_private": with_private}, page=where).headers["Location"]
    page = browser.get(opened).text
    told = [word in page for word in ("A visit", visit.session.specialty.name, issued.number, photo.title)]
    assert told == ([False, True, True, True] if with_private else [True, False, False, False])
    if not with_private:
        assert browser.get(f"{opened}/prescriptions/{issued.uid}.pdf").status_code == 404
        assert browser.get(f"{opened}/files/{photo.uid}").status_code == 404


def test_files_of_somebody_else_and_openings_of_a_colleague_are_not_there(browser, person, now, sign_in) -> None:
    where = ask(browser, person).headers["Location"]
    other = make_prescription(now)
    assert browser.get(f"{where}/prescriptions/{other.uid}.pdf").status_code == 404
    assert browser.get(f"{where}/files/nobody").status_code == 404
    assert sign_in(make_staff("admin")).get(where).status_code == 404


def test_with_four_eyes_a_second_administrator_confirms_and_no_other(browser, person, now, sign_in) -> None:
    put("record_opening_needs_two", "yes")
    alone = ask(browser, person)
    assert (alone.status_code, "no second administrator" in alone.text) == (409, True)
    colleague = make_staff("admin")
    assert ask(browser, person).headers["Location"].endswith("/open")
    wish = Opening.get()
    where = f"/admin/openings/{wish.uid}"
    assert "Another administrator has to confirm this." in browser.get(where).text
    assert where in browser.get("/admin").text
    waits, asking = "Waits for a second administrator", browser.get(f"/admin/record/{person.uid}/open").text
    assert waits in asking
    assert "has to confirm first" in asking
    assert waits not in browser.get(f"/admin/record/{make_beneficiary().uid}/open").text
    with pytest.raises(Conflict):
        services.confirm_opening(wish.uid, wish.asked_by, by=services.Actor("staff", wish.asked_by.uid), now=now)
    assert AuditRow.select().where(AuditRow.action == "RecordOpeningAsked").count() == 1
    assert not Message.select().exists()
    second = sign_in(colleague)
    assert REASON in second.get(where).text
    assert second.submit(f"{where}/confirm", page=where).status_code == 303
    assert RecordOpened.of(Event.get(Event.name == "RecordOpened")).alone is False
    assert Message.select().count() == 1
    assert "Confirmed." in second.get(f"/admin/record/{person.uid}/open").text
    assert second.get(where).status_code == 404
    assert browser.get(where).status_code == 200


def test_an_old_wish_is_not_confirmed(browser, person, now) -> None:
    put("record_opening_needs_two", "yes")
    second = make_staff("admin")
    ask(browser, person)
    wish = Opening.get()
    with pytest.raises(Conflict):
        services.confirm_opening(wish.uid, second, by=services.Actor("staff", second.uid), now=now + timedelta(hours=5))
    assert Opening.get().ends_at is None
