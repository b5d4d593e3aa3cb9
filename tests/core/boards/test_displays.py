"""The hall's display: numbers and no names, a revocable key, 304 for an unchanged page."""

import re
from datetime import timedelta

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.boards import displays
from portal.core.visits import announcements, calling, services
from portal.core.visits.models import Display, Transition, Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_duty, make_session, make_specialty, make_staff, make_visit
from tests.live.polls import POLL, address_in


@pytest.fixture
def key(db, now):
    make_specialty()
    return displays.make("Hall 1", None, [], speaks=False, by=SYSTEM, now=now)


def queue_of(count: int):
    doctor, session = make_staff(name="Dr Asha Verma"), make_session()
    make_duty(doctor, session)
    for _ in range(count):
        make_visit()
    return doctor, session


def test_the_display_shows_numbers_and_no_patient(client, key, clock):
    """Q30."""
    doctor, session = queue_of(2)
    calling.call_next(doctor, session, by=SYSTEM, now=clock.now())
    text = client.get(f"/display/{key}").text
    assert re.search(r'data-call="MED-001-1">MED-001<', text)
    assert "Dr Asha Verma" in text
    person = Visit.get().beneficiary
    for secret in (person.entry.name, person.entry.ben_id, person.patient_id, person.account.mobile):
        assert secret not in text
    assert "csrf_token" not in text.partition('id="live"')[2]


def test_a_poll_is_answered_from_the_cache_as_flask_answers_it(client, app, key, clock, monkeypatch):
    doctor, session = queue_of(1)
    page = client.get(f"/display/{key}", headers=POLL)
    layer = app.extensions["portal.live"]
    monkeypatch.setattr(layer, "_poll_display", lambda *_: None)
    assert client.get(f"/display/{key}", headers=POLL).text.strip() == page.text.strip()
    monkeypatch.undo()
    again = client.get(f"/display/{key}", headers=POLL | {"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    calling.call_next(doctor, session, by=SYSTEM, now=clock.tick(1))
    changed = client.get(f"/display/{key}", headers=POLL | {"If-None-Match": page.headers["ETag"]})
    assert (changed.status_code, 'data-call="MED-001-1"' in changed.text) == (200, True)


def test_the_last_four_called_are_shown_newest_first(client, key, clock):
    visits = [make_visit("completed") for _ in range(6)]
    for visit in visits:
        Transition.create(
            visit=visit, at=clock.now(), from_state="waiting", to_state="called", actor_kind="staff", actor_uid="x"
        )
    text = client.get(f"/display/{key}").text
    shown = re.findall(r'"hall-token">(MED-\d+)<', text)
    assert shown == ["MED-006", "MED-005", "MED-004", "MED-003"]


def test_a_second_call_of_one_number_has_its_own_key(client, key, clock):
    doctor, session = queue_of(1)
    visit = calling.call_next(doctor, session, by=SYSTEM, now=clock.now())
    calling.skip(visit, reason="no answer", by=SYSTEM, now=clock.tick(1))
    assert "data-call" not in client.get(f"/display/{key}", headers=POLL).text
    calling.recall(visit, doctor, by=SYSTEM, now=clock.tick(1))
    assert 'data-call="MED-001-2"' in client.get(f"/display/{key}", headers=POLL).text


def test_only_the_chosen_specialties_and_their_announcements_are_shown(client, db, clock):
    medicine, eye = make_specialty(), make_specialty("eye", prefix="EYE", name="Eye")
    key = displays.make("Hall 2", None, [eye], speaks=False, by=SYSTEM, now=clock.now())
    announcements.announce("other", "For medicine", "", medicine, "15", by=SYSTEM, now=clock.now())
    announcements.announce("other", "For eyes", "", eye, "15", by=SYSTEM, now=clock.now())
    announcements.announce("other", "For all", "", None, "15", by=SYSTEM, now=clock.now())
    text = client.get(f"/display/{key}").text
    assert ("For medicine" in text, "For eyes" in text, "For all" in text) == (False, True, True)
    assert text.count("<section") == 1
    clock.tick(16 * 60)
    assert "For eyes" not in client.get(f"/display/{key}", headers=POLL).text


def test_a_display_of_several_specialties_prefixes_announcements_with_the_specialty(client, key, clock):
    make_specialty("eye", prefix="EYE", name="Eye", name_hi="नेत्र रोग")
    announcements.announce("late", "", "", make_specialty("eye"), "15", by=SYSTEM, now=clock.now())
    announcements.announce("early", "", "", None, "15", by=SYSTEM, now=clock.now())
    text = client.get(f"/display/{key}").text
    assert ">Eye: The doctor will be late. Your place is kept.<" in text
    assert ">नेत्र रोग: डॉक्टर को देर होगी।" in text
    assert ">The clinic closes early today.<" in text


@pytest.mark.parametrize("headers", [{}, POLL])
def test_a_revoked_or_unknown_key_gets_404(client, key, clock, headers):
    assert client.get(f"/display/{key}", headers=headers).status_code == 200
    displays.revoke(Display.get().uid, by=SYSTEM, now=clock.now())
    clock.tick(4)
    assert client.get(f"/display/{key}", headers=headers).status_code == 404
    assert client.get("/display/guessed", headers=headers).status_code == 404
    with pytest.raises(Conflict):
        displays.revoke(Display.get().uid, by=SYSTEM, now=clock.now())
    with pytest.raises(NotFound):
        displays.revoke("nobody", by=SYSTEM, now=clock.now())


def test_an_administrator_creates_a_display_whose_key_is_stored_as_a_fingerprint(sign_in, db):
    make_specialty()
    admin = sign_in(make_staff("admin"))
    answer = admin.submit("/admin/displays", {"place": "Hall 1", "specialties": "medicine", "speaks": "yes"})
    address = re.search(r"/display/([\w-]+)", answer.text)
    row = Display.get()
    assert (row.place, row.specialties, row.speaks) == ("Hall 1", ["medicine"], True)
    assert len(address[1]) >= 32
    assert address[1] not in {row.key_hash, row.uid}
    assert address[0] not in admin.get("/admin/displays").text
    assert admin.get(address[0]).status_code == 200
    answer = admin.submit(f"/admin/displays/{row.uid}/revoke", page="/admin/displays")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/displays")
    actions = [note.action for note in AuditRow.select().where(AuditRow.subject == row.uid).order_by(AuditRow.id)]
    assert actions == ["DisplayMade", "DisplayRevoked"]


def test_a_display_without_a_place_is_refused(sign_in, db, now):
    answer = sign_in(make_staff("admin")).submit("/admin/displays", {"place": " "})
    assert (answer.status_code, Display.select().count()) == (422, 0)
    with pytest.raises(Invalid):
        displays.make("x" * 81, None, [], speaks=False, by=SYSTEM, now=now)


def test_waiting_patients_see_announcements_until_they_expire(sign_in, db, clock):
    patient = make_beneficiary()
    visit = make_visit(beneficiary=patient)
    browser = sign_in(patient)
    announcements.announce("late", "", "", visit.session.specialty, "15", by=SYSTEM, now=clock.now())
    page = browser.get(f"/visits/{visit.uid}").text
    address = address_in(page)
    assert "The doctor will be late. Your place is kept." in page
    assert "The doctor will be late" in browser.get(address, headers=POLL).text
    clock.tick(16 * 60)
    assert "The doctor will be late" not in browser.get(address, headers=POLL).text
    services.cancel(visit, by=SYSTEM, now=clock.now() + timedelta(seconds=1))
