"""Outbox: in order for each patient, idempotent, and a failing document blocks no other patient (F41, F42, S70)."""

import base64
import json
from datetime import timedelta

import pytest
from portal_plugins.esanjeevani_bridge import marks, outbox
from portal_plugins.esanjeevani_bridge.models import Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault
from portal_plugins.esanjeevani_bridge.settings import NAME

from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.beneficiaries.models import Beneficiary
from portal.core.prescriptions import cancelling, exchange
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM, Actor
from tests.core.prescriptions.test_amending import amend
from tests.day.papers import text_of
from tests.factories import make_beneficiary


def states() -> list[str]:
    return [row.state for row in Outgoing.select().order_by(Outgoing.id)]


def sweep(queue, clock, seconds: float = 0) -> None:
    """Run the sweeps and the worker after so many seconds."""
    clock.tick(seconds)
    outbox.sweep_waiting(clock.now())
    queue.drain()


def test_prescription_and_consultation_are_sent_after_the_visit(bridge, documented, other_side, queue):
    bridge()
    visit = documented()
    queue.drain()
    sent = [number for number, _, _ in other_side.ledger()["documents"]]
    assert sorted(sent) == [f"prescription-{visit.uid}-1", f"visit-{visit.uid}-1"]
    assert states() == ["sent", "sent"]


def test_nothing_is_sent_without_consent(bridge, documented, other_side, queue):
    bridge()
    documented(agreed=False)
    queue.drain()
    assert other_side.ledger()["documents"] == []
    assert states() == []


def test_a_withdrawn_consent_drops_what_is_queued(bridge, documented, other_side, queue, clock):
    other_side.faults.append(Fault("/fhir", 503, 1))
    bridge()
    visit = documented()
    queue.drain()
    person = Beneficiary.get_by_id(visit.beneficiary_id)
    set_consent(person, SHARING, False, by=SYSTEM, language="en", now=clock.now())
    sweep(queue, clock, 60)
    assert set(states()) == {"dropped"}
    assert other_side.ledger()["documents"] == []


def test_queueing_a_document_is_idempotent(bridge, documented, other_side, queue, now):
    bridge()
    visit = documented()
    queue.drain()
    again = exchange.reference_to("visit", visit.uid)
    assert outbox.queue(again, now=now).state == "sent"
    queue.drain()
    assert len(other_side.ledger()["documents"]) == 2


def test_a_document_sent_again_is_a_new_version(bridge, documented, other_side, queue, now):
    bridge()
    visit = documented()
    queue.drain()
    outbox.queue_again(Outgoing.get(Outgoing.kind == "visit"), by=SYSTEM, now=now)
    sweep(queue, Clockless(now))
    assert [f"visit-{visit.uid}-2", "2"] in [one[:2] for one in other_side.ledger()["documents"]]


def test_a_retry_after_a_lost_response_makes_no_duplicate(bridge, documented, other_side, queue, clock):
    """The document arrived, the response did not: at the retry the other side knows its identifier."""
    bridge()
    documented()
    queue.drain()
    Outgoing.update(state="waiting", next_at=clock.now()).execute()
    sweep(queue, clock)
    assert other_side.ledger()["repeated"] == 2
    assert len(other_side.ledger()["documents"]) == 2
    assert set(states()) == {"sent"}


def test_after_a_day_of_outage_the_backlog_is_sent_in_order_and_once(bridge, documented, other_side, queue, clock, now):
    """F41 in small: five patients, 50 documents; make bench-bridge has 10,000."""
    other_side.faults.append(Fault("/", 503, 10**6))
    bridge(per_minute=6000)
    people = [make_beneficiary() for _ in range(5)]
    visits = [documented(person) for person in people]
    queue.drain()
    for version in range(2, 6):
        for row in list(Outgoing.select().where(Outgoing.version == 1)):
            outbox._create(row.kind, row.visit_uid, row.patient_uid, version, now)
    sweep(queue, clock, 24 * 3600)
    assert set(states()) == {"waiting"}
    other_side.faults.clear()
    for _ in range(20):
        sweep(queue, clock, 10)
    assert set(states()) == {"sent"}
    ledger = other_side.ledger()
    assert ledger["repeated"] == 0
    for person, visit in zip(people, visits, strict=True):
        mine = [number for number, _, patient in ledger["documents"] if patient == person.patient_id]
        made = Outgoing.select().where(Outgoing.visit_uid == visit.uid).order_by(Outgoing.id)
        assert mine == [f"{row.kind}-{visit.uid}-{row.version}" for row in made]
        assert len(mine) == 10


def test_a_document_that_cannot_be_made_is_dead_and_blocks_no_other(bridge, documented, other_side, queue, monkeypatch):
    bridge()
    bad, good = documented(), documented()
    real = outbox.record_of

    def poisoned(uid, **options):
        if uid == bad.uid:
            raise RuntimeError("poison")
        return real(uid, **options)

    monkeypatch.setattr(outbox, "record_of", poisoned)
    queue.drain()
    sent = [number for number, _, _ in other_side.ledger()["documents"]]
    assert sent
    assert all(good.uid in number for number in sent)


def test_after_the_maximum_of_retries_it_is_dead_and_can_be_sent_again(
    bridge, documented, other_side, queue, clock, monkeypatch
):
    bridge()
    visit, others = documented(), None  # the patient's second document waits for the first
    real = outbox.record_of
    monkeypatch.setattr(outbox, "record_of", lambda uid, **options: 1 / 0 if uid == visit.uid else real(uid, **options))
    queue.drain()
    for _ in range(2 * outbox.MAX_TRIES):
        others = others or documented()
        sweep(queue, clock, 901)
    assert {row.state for row in Outgoing.select().where(Outgoing.visit_uid == visit.uid)} == {"dead"}
    monkeypatch.setattr(outbox, "record_of", real)
    for row in Outgoing.select().where(Outgoing.state == "dead"):
        outbox.queue_again(row, by=SYSTEM, now=clock.now())
    sweep(queue, clock)
    sweep(queue, clock, 5)
    assert set(states()) == {"sent"}


def test_a_refused_document_is_dead_at_once_with_its_error(bridge, documented, other_side, queue):
    other_side.faults.append(Fault("/fhir/Bundle", 422, 1))
    bridge()
    documented()
    queue.drain()
    assert sorted(states()) == ["dead", "sent"]
    assert Outgoing.get(Outgoing.state == "dead").error.startswith("refused with 422")


def test_a_document_that_violates_the_guide_is_never_sent(bridge, documented, other_side, queue, monkeypatch):
    monkeypatch.setattr(outbox, "document", lambda *arguments: {"resourceType": "Bundle"})
    bridge()
    documented()
    queue.drain()
    assert set(states()) == {"dead"}
    assert other_side.ledger()["documents"] == []


def test_sending_has_a_rate_limit_per_minute(bridge, documented, other_side, queue, clock):
    bridge(per_minute=3)
    for _ in range(3):
        documented()
    queue.drain()
    sweep(queue, clock, 5)
    assert len(other_side.ledger()["documents"]) == 3
    sweep(queue, clock, 60)
    assert len(other_side.ledger()["documents"]) == 6


def test_an_expired_token_is_renewed(bridge, documented, other_side, queue, clock):
    bridge()
    documented()
    queue.drain()
    other_side.records.tokens.clear()
    documented()
    queue.drain()
    assert set(states()) == {"sent"}


def test_nothing_is_sent_while_the_plugin_is_off_and_the_backlog_when_it_is_on_again(
    bridge, documented, other_side, queue, clock
):
    other_side.faults.append(Fault("/", 503, 1))
    bridge()
    documented()
    queue.drain()
    switch(NAME, False, by=SYSTEM, now=clock.now(), confirmed=True)
    sweep(queue, clock, 3600)
    assert other_side.ledger()["documents"] == []
    switch(NAME, True, by=SYSTEM, now=clock.now())
    sweep(queue, clock)
    sweep(queue, clock, 5)
    assert set(states()) == {"sent"}


def test_only_one_worker_sends_under_the_lease(bridge, documented, other_side, queue, now):
    bridge()
    assert marks.take_lease("pump", timedelta(seconds=90), now=now)
    documented()
    queue.drain()
    assert other_side.ledger()["documents"] == []


class Clockless:
    """A clock that does not move."""

    def __init__(self, now) -> None:
        self._now = now

    def tick(self, seconds: float) -> None:
        return

    def now(self):
        return self._now


@pytest.mark.parametrize("kind", ["prescription", "visit"])
def test_a_document_can_be_exported_with_the_plugin_off(documented, queue, now, kind):
    visit = documented()
    queue.drain()
    assert f'"{kind}-{visit.uid}-1"' in exchange.export(visit.uid, kind, now=now)


def test_a_correction_and_a_cancelling_are_sent_once_each_with_the_notes(bridge, documented, other_side, queue, now):
    bridge()
    visit = documented()
    queue.drain()
    first = exchange.prescription_of(visit.uid)
    new = amend(first, now, **{f"items-{place}-reason": "as before" for place in (0, 1)})
    queue.drain()
    by = Actor("staff", new.doctor.uid)
    cancelling.cancel(new, new.doctor, "Wrong patient", by=by, now=now)
    for _ in range(2):
        sweep(queue, Clockless(now), 60)
    sent = sorted(number for number, _, _ in other_side.ledger()["documents"])
    assert sent == [f"{kind}-{visit.uid}-{version}" for kind in ("prescription", "visit") for version in (1, 2, 3)]
    last = json.loads(outbox.as_text(exchange.record_of(visit.uid, by=SYSTEM, now=now), "prescription"))
    head = last["entry"][0]["resource"]
    assert (head["status"], head["relatesTo"][0]["targetReference"]["identifier"]["value"]) == (
        "entered-in-error",
        first.number,
    )
    [paper] = [each["resource"] for each in last["entry"] if each["resource"]["resourceType"] == "Binary"]
    assert "CANCELLED" in text_of(base64.b64decode(paper["data"]))
