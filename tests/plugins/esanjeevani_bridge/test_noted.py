"""What goes out, what comes back and who decided on it: all of it stands in the audit chain."""

import pytest
from portal_plugins.esanjeevani_bridge import handovers, inbox
from portal_plugins.esanjeevani_bridge.models import Handover, Incoming, Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault

from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_entry, make_staff, make_visit
from tests.noted import actor_of, noted

from .test_handover import HOME, WISH
from .test_inbox import REFERRAL

BRIDGE = Actor("machine", "esanjeevani_bridge")


@pytest.fixture
def doctor(db):
    return make_staff("doctor")


@pytest.fixture
def login(doctor, now):
    """The doctor's sign-in there, and the note of it."""
    keep = {"by": actor_of(doctor), "now": now}
    return noted(lambda: handovers.keep_login(doctor, "dr.sandbox", "sandbox-password", **keep))


@pytest.fixture
def update(bridge, now):
    """A referral that came, and the notes of it."""
    bridge()
    make_entry(ben_id="1000001")
    return noted(lambda: inbox.take(REFERRAL, "pull", now=now))


def test_a_sign_in_that_is_kept(login, doctor):
    assert login == [("SanjeevaniLoginKept", actor_of(doctor), doctor.uid)]


@pytest.mark.parametrize(("faults", "end"), [(0, "HandoverLaunched"), (1, "HandoverFailed")])
def test_a_hand_over_begins_and_ends(bridge, places, sign_in, login, doctor, other_side, faults, end):
    bridge()
    other_side.faults += [Fault("/uat", 500, 1)] * faults
    browser, visit = sign_in(doctor), make_visit()
    notes = noted(lambda: browser.submit(f"{HOME}/visits/{visit.uid}/handover", WISH))
    row, by = Handover.get().uid, actor_of(doctor)
    assert notes == [("HandoverBegun", by, row), (end, by, row)]


def test_a_fresh_link(bridge, places, sign_in, login, doctor):
    bridge()
    browser = sign_in(doctor)
    browser.submit(f"{HOME}/visits/{make_visit().uid}/handover", WISH)
    page = f"{HOME}/handovers/{Handover.get().uid}"
    assert noted(lambda: browser.submit(f"{page}/open", page=page)) == [
        ("HandoverOpened", actor_of(doctor), Handover.get().uid)
    ]


def test_documents_that_arrive(bridge, documented, queue):
    bridge()
    documented()
    notes = noted(queue.drain)
    assert [("DocumentSent", SYSTEM, row.uid) for row in Outgoing.select()] == notes[-2:]


def test_a_document_that_the_other_side_refuses(bridge, documented, other_side, queue):
    other_side.faults.append(Fault("/fhir/Bundle", 422, 1))
    bridge()
    documented()
    notes = noted(queue.drain)
    assert ("DocumentRefused", SYSTEM, Outgoing.get(Outgoing.state == "dead").uid) in notes


def test_documents_that_the_patient_holds_back(bridge, documented, queue, now):
    bridge()
    visit = documented()
    set_consent(visit.beneficiary, SHARING, False, by=SYSTEM, language="en", now=now)
    notes = noted(queue.drain)
    assert {("DocumentDropped", SYSTEM, row.uid) for row in Outgoing.select()} <= set(notes)


def test_a_document_that_the_family_downloads(bridge, documented, queue, sign_in):
    bridge()
    visit = documented()
    queue.drain()
    browser = sign_in(visit.beneficiary)
    notes = noted(lambda: browser.get(f"{HOME}/documents/{visit.uid}/visit.json"))
    assert notes[-1] == ("DocumentDownloaded", actor_of(visit.beneficiary.account), visit.uid)


def test_an_update_that_comes(update):
    assert update == [("UpdateReceived", BRIDGE, Incoming.get().uid), ("UpdateSettled", SYSTEM, Incoming.get().uid)]


def test_what_the_administrator_decides_of_an_update(update, sign_in):
    admin, row = make_staff("admin"), Incoming.get()
    browser, by = sign_in(admin), actor_of(admin)
    notes = noted(lambda: browser.submit(f"{HOME}/incoming/{row.uid}/again", page=f"{HOME}/"))
    notes += noted(lambda: browser.submit(f"{HOME}/incoming/{row.uid}/close", page=f"{HOME}/"))
    assert notes == [("UpdateReplayed", by, row.uid), ("UpdateSettled", SYSTEM, row.uid), ("UpdateClosed", by, row.uid)]
