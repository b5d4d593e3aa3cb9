"""Documents go out in order for each patient, each once, and nobody waits for another's trouble (F41, F42, S70)."""

from datetime import timedelta

import pytest
from portal_plugins.esanjeevani_bridge import marks, outbox
from portal_plugins.esanjeevani_bridge.models import Outgoing
from portal_plugins.esanjeevani_bridge.sandbox import Fault
from portal_plugins.esanjeevani_bridge.settings import NAME

from portal.core.beneficiaries.consents import SHARING, set_consent
from portal.core.beneficiaries.models import Beneficiary
from portal.core.prescriptions import exchange
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary


def states() -> list[str]:
    return [row.state for row in Outgoing.select().order_by(Outgoing.id)]


def sweep(queue, clock, seconds: float = 0) -> None:
    """What the worker does after so many seconds."""
    clock.tick(seconds)
    outbox.sweep_waiting(clock.now())
    queue.drain()


def test_prescription_and_consultation_go_out_after_the_visit(bridge, documented, other_side, queue):
    bridge()
    visit = documented()
    queue.drain()
    sent = [number for number, _, _ in other_side.ledger()["documents"]]
    assert sorted(sent) == [f"prescription-{visit.uid}-1", f"visit-{visit.uid}-1"]
    assert states() == ["sent", "sent"]


def test_nothing_goes_out_without_consent(bridge, documented, other_side, queue):
    bridge()
    documented(agreed=False)
    queue.drain()
    assert other_side.ledger()["documents"] == []
    assert states() == []


def test_a_consent_withdrawn_meanwhile_stops_what_waits(bridge, documented, other_side, queue, clock):
    other_side.faults.append(Fault("/fhir", 503, 1))
    bridge()
    visit = documented()
    queue.drain()
    person = Beneficiary.get_by_id(visit.beneficiary_id)
    set_consent(person, SHARING, False, by=SYSTEM, language="en", now=clock.now())
    sweep(queue, clock, 60)
    assert set(states()) == {"dropped"}
    assert other_side.ledger()["documents"] == []


def test_the_same_document_twice_is_one(bridge, documented, other_side, queue, now):
    bridge()
    visit = documented()
    queue.drain()
    again = exchange.reference_to("visit", visit.uid)
    assert outbox.queue(again, now=now).state == "sent"
    queue.drain()
    assert len(other_side.ledger()["documents"]) == 2


def test_sent_again_it_is_a_new_version(bridge, documented, other_side, queue, now):
    bridge()
    visit = documented()
    queue.drain()
    outbox.queue_again(Outgoing.get(Outgoing.kind == "visit"), now=now)
    sweep(queue, Clockless(now))
    assert [f"visit-{visit.uid}-2", "2"] in [one[:2] for one in other_side.ledger()["documents"]]


def test_an_answer_that_got_lost_makes_no_second_document(bridge, documented, other_side, queue, clock):
    """The document arrived, the answer did not: the second time the other side knows its number."""
    bridge()
    documented()
    queue.drain()
    Outgoing.update(state="waiting", next_at=clock.now()).execute()
    sweep(queue, clock)
    assert other_side.ledger()["repeated"] == 2
    assert len(other_side.ledger()["documents"]) == 2
    assert set(states()) == {"sent"}


def test_a_day_without_the_other_side_is_caught_up_in_order_and_once(bridge, documented, other_side, queue, clock, now):
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


def test_one_poisoned_document_goes_to_the_dead_and_blocks_nobody(bridge, documented, other_side, queue, monkeypatch):
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


def test_after_many_tries_it_is_dead_and_can_be_sent_again(bridge, documented, other_side, queue, clock, monkeypatch):
    bridge()
    visit, others = documented(), None  # the patient's second document waits for the first
    real = outbox.record_of
    monkeypatch.setattr(outbox, "record_of", lambda uid, **options: 1 / 0 if uid == visit.uid else real(uid, **options))
    queue.drain()
    for _ in range(2 * outbox.MOST_TRIES):
        others = others or documented()
        sweep(queue, clock, 901)
    assert {row.state for row in Outgoing.select().where(Outgoing.visit_uid == visit.uid)} == {"dead"}
    monkeypatch.setattr(outbox, "record_of", real)
    for row in Outgoing.select().where(Outgoing.state == "dead"):
        outbox.queue_again(row, now=clock.now())
    sweep(queue, clock)
    sweep(queue, clock, 5)
    assert set(states()) == {"sent"}


def test_what_the_other_side_refuses_is_dead_at_once_with_its_words(bridge, documented, other_side, queue):
    other_side.faults.append(Fault("/fhir/Bundle", 422, 1))
    bridge()
    documented()
    queue.drain()
    assert sorted(states()) == ["dead", "sent"]
    assert Outgoing.get(Outgoing.state == "dead").error.startswith("refused with 422")


def test_a_document_that_the_guide_forbids_never_leaves(bridge, documented, other_side, queue, monkeypatch):
    monkeypatch.setattr(outbox, "document", lambda *arguments: {"resourceType": "Bundle"})
    bridge()
    documented()
    queue.drain()
    assert set(states()) == {"dead"}
    assert other_side.ledger()["documents"] == []


def test_no_more_than_the_allowed_go_out_in_a_minute(bridge, documented, other_side, queue, clock):
    bridge(per_minute=3)
    for _ in range(3):
        documented()
    queue.drain()
    sweep(queue, clock, 5)
    assert len(other_side.ledger()["documents"]) == 3
    sweep(queue, clock, 60)
    assert len(other_side.ledger()["documents"]) == 6


def test_a_token_that_is_no_longer_taken_is_asked_for_anew(bridge, documented, other_side, queue, clock):
    bridge()
    documented()
    queue.drain()
    other_side.records.tokens.clear()
    documented()
    queue.drain()
    assert set(states()) == {"sent"}


def test_off_means_nothing_is_sent_and_on_again_it_goes_on(bridge, documented, other_side, queue, clock):
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


def test_only_one_worker_sends_at_a_time(bridge, documented, other_side, queue, now):
    bridge()
    assert marks.take("pump", timedelta(seconds=90), now=now)
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
def test_a_document_is_exported_with_the_plugin_off(documented, queue, now, kind):
    visit = documented()
    queue.drain()
    assert f'"{kind}-{visit.uid}-1"' in exchange.export(visit.uid, kind, now=now)
