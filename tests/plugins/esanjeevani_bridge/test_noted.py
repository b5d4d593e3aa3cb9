"""Audit of the bridge: what is sent, what is received, and who decided on it."""

import pytest
from portal_plugins.esanjeevani_bridge import handovers, inbox
from portal_plugins.esanjeevani_bridge.models import Handover, Incoming, Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault

from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_entry, make_staff, make_visit
from tests.noted import actor_of, noted

from .test_handovers import HOME, WISH
from .test_inbox import REFERRAL

BRIDGE = Actor("machine", "esanjeevani_bridge")


@pytest.fixture
def doctor(db):
    return make_staff("doctor")


@pytest.fixture
def login(doctor, now):
    """The doctor's credentials there, and their audit note."""
    keep = {"by": actor_of(doctor), "now": now}
    return noted(lambda: handovers.keep_login(doctor, "dr.sandbox", "sandbox-password", **keep))


@pytest.fixture
def update(bridge, now):
    """A referral that came, and its audit notes."""
    bridge()
    make_entry(ben_id="1000001")
    return noted(lambda: inbox.receive(REFERRAL, "pull", now=now))


def test_storing_credentials_is_audited(login, doctor):
    assert login == [("SanjeevaniLoginKept", actor_of(doctor), doctor.uid)]


@pytest.mark.parametrize(("faults", "end"), [(0, "HandoverLaunched"), (1, "HandoverFailed")])
def test_the_begin_and_end_of_a_hand_over_are_audited(bridge, places, sign_in, login, doctor, other_side, faults, end):
    bridge()
    other_side.faults += [Fault("/uat", 500, 1)] * faults
    browser, visit = sign_in(doctor), make_visit()
    notes = noted(lambda: browser.submit(f"{HOME}/visits/{visit.uid}/handover", WISH))
    by = actor_of(doctor)
    assert notes == [("HandoverBegun", by, visit.uid), (end, by, visit.uid)]


def test_a_new_link_is_audited(bridge, places, sign_in, login, doctor):
    bridge()
    browser = sign_in(doctor)
    browser.submit(f"{HOME}/visits/{make_visit().uid}/handover", WISH)
    page = f"{HOME}/handovers/{Handover.get().uid}"
    assert noted(lambda: browser.submit(f"{page}/open", page=page)) == [
        ("HandoverOpened", actor_of(doctor), Handover.get().visit_uid)
    ]


def test_sent_documents_are_audited(bridge, documented, queue):
    bridge()
    documented()
    notes = noted(queue.drain)
    assert [("DocumentSent", SYSTEM, row.visit_uid) for row in Outgoing.select()] == notes[-2:]


def test_the_family_and_an_inquiry_read_what_was_sent_outside(bridge, documented, queue, sign_in):
    bridge()
    person = documented().beneficiary
    queue.drain()
    page = sign_in(person).get("/my/readers").text
    assert "The health records that you agreed to" in page
    assert "the documents of a visit" in page
    found = sign_in(make_staff("auditor")).get(f"/admin/audit?about=person:{person.entry.ben_id}&seen=yes").text
    assert "DocumentSent" in found


def test_a_refused_document_is_audited(bridge, documented, other_side, queue):
    other_side.faults.append(Fault("/fhir/Bundle", 422, 1))
    bridge()
    documented()
    notes = noted(queue.drain)
    assert ("DocumentRefused", SYSTEM, Outgoing.get(Outgoing.state == "dead").visit_uid) in notes


@pytest.mark.parametrize(("refused", "version"), [(1, 1), (0, 2)])
def test_who_sends_a_document_again_is_audited_once(bridge, documented, other_side, queue, sign_in, refused, version):
    """A refused one is retried; a sent one is sent as a new version."""
    other_side.faults += [Fault("/fhir/Bundle", 422, 1)] * refused
    bridge()
    documented()
    queue.drain()
    row = Outgoing.get(Outgoing.state == ("dead" if refused else "sent"))
    admin = make_staff("admin")
    browser, again = sign_in(admin), f"{HOME}/outgoing/{row.uid}/again"
    notes = noted(lambda: browser.submit(again, page=f"{HOME}/"))
    same = (Outgoing.kind == row.kind) & (Outgoing.visit_uid == row.visit_uid)
    newest = Outgoing.select().where(same).order_by(Outgoing.version.desc()).get()
    assert (notes, newest.version) == ([("DocumentResent", actor_of(admin), newest.visit_uid)], version)
    if refused:
        assert noted(lambda: browser.submit(again, page=f"{HOME}/")) == [], "it waits already"


def test_a_dropped_document_is_audited(bridge, documented, queue, now):
    bridge()
    visit = documented()
    set_consent(visit.beneficiary, SHARING, False, by=SYSTEM, language="en", now=now)
    notes = noted(queue.drain)
    assert {("DocumentDropped", SYSTEM, row.visit_uid) for row in Outgoing.select()} <= set(notes)


def test_a_download_is_audited(bridge, documented, queue, sign_in):
    bridge()
    visit = documented()
    queue.drain()
    browser = sign_in(visit.beneficiary)
    notes = noted(lambda: browser.get(f"{HOME}/documents/{visit.uid}/visit.json"))
    assert notes[-1] == ("DocumentDownloaded", actor_of(visit.beneficiary.account), visit.uid)


def test_a_received_update_is_audited(update):
    assert update == [("UpdateReceived", BRIDGE, Incoming.get().uid), ("UpdateSettled", SYSTEM, Incoming.get().uid)]


def test_the_administrators_decisions_on_an_update_are_audited(update, sign_in):
    admin, row = make_staff("admin"), Incoming.get()
    browser, by = sign_in(admin), actor_of(admin)
    notes = noted(lambda: browser.submit(f"{HOME}/incoming/{row.uid}/again", page=f"{HOME}/"))
    notes += noted(lambda: browser.submit(f"{HOME}/incoming/{row.uid}/close", page=f"{HOME}/"))
    assert notes == [("UpdateReplayed", by, row.uid), ("UpdateSettled", SYSTEM, row.uid), ("UpdateClosed", by, row.uid)]
