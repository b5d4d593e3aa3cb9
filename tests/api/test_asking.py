"""The plugin API: referrals, documents, calls, texts, and the plugin itself."""

from datetime import timedelta

import pytest
from portal_plugins.esanjeevani_bridge.models import PlacesImported
from pydantic import BaseModel

from portal.api import calls, documents, messages, plugin, referrals, web, work
from portal.base.clock import clinic_day
from portal.base.errors import Invalid, NotAllowed, NotFound
from portal.base.keys import random_uid
from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.beneficiaries.models import Consent
from portal.core.calls import call_log
from portal.core.calls.models import CallRoom
from portal.core.messages.models import StrayReceipt
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.store.db import write
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Event
from tests.factories import make_beneficiary, make_entry, make_specialty, make_staff, make_visit


@pytest.fixture
def room(db, now) -> CallRoom:
    """The room of a running call."""
    visit = make_visit("in_call", attempt=1, doctor=make_staff("doctor"))
    return CallRoom.create(visit=visit, attempt=1, provider="some_video", name=random_uid(), opened_at=now)


def test_a_slip_is_issued_found_and_extended(db, now):
    make_specialty()
    officer, entry = make_staff("medical_officer"), make_entry()

    def write_one(**options):
        return referrals.refer(officer.uid, entry.ben_id, "medicine", "Chest pain", by=SYSTEM, now=now, **options)

    day = clinic_day(now)
    assert referrals.standing(entry.ben_id, "medicine", day=day) is None
    referral = write_one(urgent=False)
    assert referrals.standing(f" {entry.ben_id} ", "medicine", day=day) == referral
    assert referral.valid_until == referrals.valid_until(now)
    with pytest.raises(referrals.StillValid, match=referral.number) as asked:
        write_one(urgent=False)
    assert (asked.value.referral, asked.value.until) == (referral, referral.valid_until)
    other = write_one(urgent=True, choice=referrals.Choice(referral.uid, referrals.REPLACE))
    assert referrals.standing(entry.ben_id, "medicine", day=day) == other != referral
    assert referrals.standing("nobody", "medicine", day=day) is None
    assert referrals.standing(entry.ben_id, "nothing", day=day) is None


def test_an_invalid_slip_is_refused_with_every_field(db, now):
    with pytest.raises(Invalid) as refused:
        referrals.refer(make_staff("medical_officer").uid, "1", "x", "", urgent=False, by=SYSTEM, now=now)
    assert set(refused.value.fields) == {"ben_id", "specialty", "reason"}


def test_a_consent_is_valid_until_withdrawn(db, now):
    person = make_beneficiary()
    assert not documents.has_agreed(person.uid, documents.SHARING)
    set_consent(person, SHARING, True, by=SYSTEM, language="en", now=now)
    assert documents.has_agreed(person.uid, documents.SHARING)
    set_consent(person, SHARING, False, by=SYSTEM, language="en", now=now)
    assert not documents.has_agreed(person.uid, documents.SHARING)
    uid = documents.give_consent(person.uid, "elsewhere", by=SYSTEM, language="hi", now=now)
    assert Consent.get(Consent.uid == uid).language == "hi"
    assert documents.has_agreed(person.uid, "elsewhere")


def test_an_unknown_person_has_no_consent(db, now):
    assert not documents.has_agreed("nobody", documents.SHARING)
    with pytest.raises(NotFound):
        documents.give_consent("nobody", "elsewhere", by=SYSTEM, language="hi", now=now)


def test_a_visit_without_prescription_has_no_document(db):
    visit = make_visit("completed")
    for account in (visit.beneficiary.account.uid, "nobody"):
        with pytest.raises(NotFound):
            documents.issued_to(account, visit.uid)


def test_the_visit_of_a_room_is_found(room):
    assert calls.visit_of_room(room.uid).uid == room.visit.uid
    assert calls.is_current(room.uid)
    with pytest.raises(NotFound):
        calls.visit_of_room("nothing")


def test_a_doctor_is_there_after_joining_and_with_a_valid_presence_lease(room, now):
    Visit.update(lease_until=now + timedelta(seconds=30)).execute()
    assert not calls.is_doctor_there(room.uid, now=now)
    Visit.update(lease_until=None).execute()
    calls.report(room.uid, room.visit.doctor.uid, "joined", now, connection="1")
    assert not calls.is_doctor_there(room.uid, now=now)
    Visit.update(lease_until=now + timedelta(seconds=30)).execute()
    assert calls.is_doctor_there(room.uid, now=now)
    assert not calls.is_doctor_there(room.uid, now=now + timedelta(seconds=31))
    assert not calls.is_doctor_there("nothing", now=now)
    assert call_log.is_there(room.uid, "doctor", now=now)


def test_an_unmatched_delivery_report_is_counted(db, now):
    messages.count_unusable("some/driver", "unread", "a, b", now=now)
    assert [(row.provider, row.count) for row in StrayReceipt.select()] == [("some/driver", 1)]
    assert [tally.unusable for tally in messages.tallies(now)] == [{"unread": 1}]


def test_recording_writes_an_event_and_an_audit_row(db, now):
    with write():
        assert work.record(PlacesImported(rows=1), "lgd", by=SYSTEM, now=now) is None
    assert Event.get().name == AuditRow.get().action == "PlacesImported"


def test_attempts_are_counted_within_a_time_window(db, now):
    for _ in range(2):
        assert work.count_attempt("mine:door", now=now) is None
    assert work.attempts_within("mine:door", within=timedelta(minutes=1), now=now) == 2
    assert work.attempts_within("mine:door", within=timedelta(minutes=1), now=now + timedelta(minutes=2)) == 0


def test_a_plugin_reads_its_state_and_the_portals_url(db, app):
    with app.app_context():
        settings = plugin.settings("video_webrtc", registry().schema("video_webrtc"))
        assert isinstance(settings, BaseModel)
        assert plugin.is_on("video_webrtc") == registry().is_on("video_webrtc")
        assert plugin.data_folder() == app.config["PORTAL"].data_dir
        assert plugin.public_address() == app.config["PORTAL"].base_url
        assert plugin.is_demonstration() == app.config["PORTAL"].demo


def test_without_a_sign_in_signed_in_raises(app):
    with app.test_request_context("/"), pytest.raises(NotAllowed):
        web.signed_in()
