"""What the pharmacy gives is sent: after the prescription, once, changed by a reversal, and only with consent."""

import pytest
from portal_plugins.esanjeevani_bridge import outbox
from portal_plugins.esanjeevani_bridge.models import Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault

from portal.api.dispensings import dispensing_of
from portal.base.errors import NotFound
from portal.core.beneficiaries.consents import SHARING, set_consent, widen_sharing
from portal.core.beneficiaries.models import Consent
from portal.core.prescriptions.models import Prescription
from portal.work.audit import SYSTEM
from tests.core.dispensing.counter import Counter
from tests.plugins.esanjeevani_bridge.test_outbox import sweep

pytestmark = pytest.mark.usefixtures("usual_medicines")


@pytest.fixture
def counter(db, now):
    return Counter(now)


@pytest.fixture
def issued(bridge, documented, queue):
    """A prescription of a patient who agreed, that the other side has already."""
    bridge()
    documented()
    queue.drain()
    return Prescription.get()


def kinds():
    return [(row.kind, row.state) for row in Outgoing.select().order_by(Outgoing.id)]


def test_each_medicine_that_was_given_arrives_once(issued, counter, other_side, queue):
    handed = counter.give(issued, items__0__quantity="15", items__1__quantity="4")
    queue.drain()
    assert other_side.ledger()["dispensed"] == [[f"{handed.uid}/1", "completed"], [f"{handed.uid}/2", "completed"]]
    assert kinds()[-1] == ("dispensing", "sent")
    outbox.queue_dispensing(handed.uid, now=counter.now)
    queue.drain()
    assert len(kinds()) == 3
    assert other_side.calls.count("POST /fhir") == 1


def test_a_reversal_makes_it_entered_in_error(issued, counter, other_side, queue, clock):
    handed = counter.give(issued, items__0__quantity="15")
    queue.drain()
    counter.reverse(issued, handed)
    queue.drain()
    sweep(queue, clock, 60)
    assert other_side.ledger()["dispensed"] == [[f"{handed.uid}/1", "entered-in-error"]]
    assert kinds()[2:] == [("dispensing", "sent")] * 2


def test_reversed_before_it_was_sent_it_never_says_completed(issued, counter, other_side, queue, clock):
    other_side.faults.append(Fault("/fhir", 503, 1))
    handed = counter.give(issued, items__0__quantity="15")
    queue.drain()
    counter.reverse(issued, handed)
    queue.drain()
    for _ in range(3):
        sweep(queue, clock, 60)
    assert other_side.ledger()["dispensed"] == [[f"{handed.uid}/1", "entered-in-error"]]
    assert {state for _kind, state in kinds()} == {"sent"}


def test_sent_again_after_a_lost_response_it_is_the_same(issued, counter, other_side, queue, clock):
    handed = counter.give(issued, items__0__quantity="15")
    queue.drain()
    Outgoing.update(state="waiting", next_at=clock.now()).where(Outgoing.kind == "dispensing").execute()
    sweep(queue, clock)
    assert other_side.calls.count("POST /fhir") == 2
    assert other_side.ledger()["dispensed"] == [[f"{handed.uid}/1", "completed"]]


def test_two_dispensings_of_one_prescription_are_two(issued, counter, other_side, queue, clock):
    first = counter.give(issued, items__0__quantity="5")
    second = counter.give(issued, items__0__quantity="10")
    queue.drain()
    sweep(queue, clock, 60)
    assert other_side.ledger()["dispensed"] == [[f"{first.uid}/1", "completed"], [f"{second.uid}/1", "completed"]]


def test_without_consent_nothing_of_it_is_sent(bridge, documented, counter, other_side, queue):
    bridge()
    documented(agreed=False)
    counter.give(Prescription.get(), items__0__quantity="15")
    queue.drain()
    assert (kinds(), other_side.ledger()["dispensed"]) == ([], [])


def test_a_consent_to_the_text_before_it_named_medicines_covers_documents_alone(
    bridge, documented, counter, other_side, queue
):
    bridge()
    person = documented().beneficiary
    Consent.update(version="2026-11").execute()
    counter.give(Prescription.get(), items__0__quantity="15")
    queue.drain()
    assert sorted(kinds()) == [("prescription", "sent"), ("visit", "sent")]
    widen_sharing(person, by=SYSTEM, language="en", now=counter.now)
    handed = counter.give(Prescription.get(), items__1__quantity="4")
    queue.drain()
    assert other_side.ledger()["dispensed"] == [[f"{handed.uid}/1", "completed"]]


def test_a_withdrawn_consent_drops_what_is_queued(issued, counter, other_side, queue, clock):
    other_side.faults.append(Fault("/fhir", 503, 1))
    counter.give(issued, items__0__quantity="15")
    queue.drain()
    set_consent(issued.beneficiary, SHARING, False, by=SYSTEM, language="en", now=clock.now())
    sweep(queue, clock, 60)
    assert kinds()[-1] == ("dispensing", "dropped")
    assert other_side.ledger()["dispensed"] == []


def test_switched_off_it_is_not_sent_and_documents_are(bridge, documented, counter, queue):
    bridge(dispensings=False)
    documented()
    counter.give(Prescription.get(), items__0__quantity="15")
    queue.drain()
    assert sorted(kinds()) == [("prescription", "sent"), ("visit", "sent")]


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_an_endpoint_that_takes_no_transaction_refuses_it_and_its_documents_go_on(
    issued, counter, documented, other_side, queue, clock, status
):
    other_side.faults.append(Fault("/fhir", status, 1))
    counter.give(issued, items__0__quantity="15")
    queue.drain()
    documented()
    queue.drain()
    sweep(queue, clock, 60)
    assert dict(kinds())["prescription"] == "sent"
    assert other_side.ledger()["dispensed"] == [] or status == 501, "a fault of the server is tried again"


def test_an_unknown_dispensing_is_not_found(db):
    with pytest.raises(NotFound):
        dispensing_of("nothingnothingnothing1")
