"""Inbox: signed, validated field by field, idempotent, and decided by people (F42, S70)."""

import copy
import json
from datetime import timedelta

import pytest
from portal_plugins.esanjeevani_bridge import inbox, webhook
from portal_plugins.esanjeevani_bridge.models import Handover, Incoming

from portal.api import clinic
from portal.core.referrals.models import Referral
from portal.work.audit import AuditRow
from tests.at_once import lost, meanwhile
from tests.factories import make_centre, make_entry, make_referral, make_specialty, make_staff

from .conftest import SECRET

DOOR = "/x/esanjeevani_bridge/webhook"


REFERRAL = {
    "resourceType": "ServiceRequest",
    "id": "r1",
    "status": "active",
    "intent": "order",
    "priority": "urgent",
    "meta": {"versionId": "1", "lastUpdated": "2026-11-23T09:00:00+05:30"},
    "identifier": [{"system": "https://phc.example", "value": "PHC-77"}],
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "306206005", "display": "Referral to service"}]},
    "subject": {
        "type": "Patient",
        "identifier": {
            "type": {
                "coding": [
                    {"system": "https://nrces.in/ndhm/fhir/r4/CodeSystem/ndhm-identifier-type-code", "code": "CGHS"}
                ]
            },
            "value": "1000001",
        },
    },
    "authoredOn": "2026-11-23T08:55:00+05:30",
    "requester": {"identifier": {"value": "HPR-1"}, "display": "Dr Rural"},
    "performerType": {"coding": [{"system": "http://snomed.info/sct", "code": "394802001"}], "text": "Medicine"},
    "reasonCode": [{"text": "Blood pressure not controlled"}],
}


OUTCOME = {
    "resourceType": "Task",
    "id": "t1",
    "status": "completed",
    "intent": "order",
    "meta": {"versionId": "1", "lastUpdated": "2026-11-23T09:00:00+05:30"},
    "identifier": [{"value": "ES-1"}],
    "authoredOn": "2026-11-23T09:00:00+05:30",
    "basedOn": [{"identifier": {"value": "handover"}}],
    "note": [{"text": "Seen by a cardiologist."}],
}


def changed(resource, **changes):
    return copy.deepcopy(resource) | changes


def version(number: int, **changes):
    meta = {"versionId": str(number), "lastUpdated": "2026-11-23T09:00:00+05:30"}
    return changed(REFERRAL, meta=meta, **changes)


@pytest.fixture
def entry(db):
    return make_entry(ben_id="1000001")


def call(client, payload, now, *, secret=SECRET, at=None, signature=None):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    stamp = str(int((at or now).timestamp()))
    headers = {webhook.TIMESTAMP: stamp, webhook.SIGNATURE: signature or webhook.sign(secret, stamp, body)}
    return client.post(DOOR, data=body, headers=headers)


def test_a_signed_referral_waits_for_the_medical_officer(bridge, client, entry, now):
    bridge()
    answer = call(client, REFERRAL, now)
    assert (answer.status_code, answer.json["state"]) == (202, "waiting")
    assert Referral.select().count() == 0, "nothing happens by itself"


@pytest.mark.parametrize(
    "payload",
    [
        [],
        "text",
        None,
        {},
        {"resourceType": "Patient"},
        changed(REFERRAL, contained=[]),
        changed(REFERRAL, status="draft"),
        changed(REFERRAL, reasonCode=[]),
        changed(REFERRAL, subject="x"),
        changed(REFERRAL, authoredOn="2026-11-23T08:55:00"),
        changed(REFERRAL, id="a b<script>"),
        changed(REFERRAL, reasonCode=[{"text": "x" * 501}]),
        changed(OUTCOME, basedOn=[]),
        changed(OUTCOME, status="x"),
        changed(REFERRAL, meta={"versionId": "1.5", "lastUpdated": "2026-11-23T09:00:00+05:30"}),
    ],
)
def test_an_update_that_is_not_allowed_is_a_dead_letter(bridge, client, entry, now, payload):
    bridge()
    answer = call(client, payload, now)
    row = Incoming.get()
    assert (answer.status_code, answer.json["id"], row.state) == (422, row.uid, "dead")
    assert "<script>" not in answer.text + row.reason


def test_other_content_under_the_same_version_is_a_conflict(bridge, entry, sign_in, now):
    bridge()
    first = inbox.receive(REFERRAL, "pull", now=now)
    second = inbox.receive(changed(REFERRAL, reasonCode=[{"text": "Something else"}]), "pull", now=now)
    assert (first.state, second.state) == ("waiting", "conflict")
    admin = sign_in(make_staff("admin"))
    home = "/x/esanjeevani_bridge/"
    assert "says something else" in admin.get(home).text
    admin.submit(f"{home}incoming/{second.uid}/prefer", page=home)
    assert [row.state for row in Incoming.select().order_by(Incoming.id)] == ["closed", "waiting"]


def test_a_withdrawal_before_its_referral_is_parked_and_then_applied(bridge, entry, now):
    """F42: cancel before create."""
    bridge()
    withdrawal = inbox.receive(version(2, status="revoked"), "pull", now=now)
    assert withdrawal.state == "parked"
    assert inbox.receive(version(1), "pull", now=now).state == "closed"
    inbox.sweep_updates(now + timedelta(minutes=11))
    assert Incoming.get_by_id(withdrawal.id).state == "applied"


def test_a_withdrawal_closes_an_undecided_referral(bridge, entry, now):
    bridge()
    first = inbox.receive(version(1), "pull", now=now)
    assert inbox.receive(version(2, status="revoked"), "pull", now=now).state == "applied"
    assert Incoming.get_by_id(first.id).state == "closed"


def test_a_withdrawal_after_acceptance_is_a_conflict(bridge, entry, now):
    bridge()
    first = inbox.receive(version(1), "pull", now=now)
    officer = make_staff("medical_officer")
    make_specialty()
    inbox.accept(clinic.staff_member(officer.uid), first.uid, by=inbox.SYSTEM, now=now)
    assert inbox.receive(version(2, status="revoked"), "pull", now=now).state == "conflict"


def test_a_date_in_the_future_is_a_conflict(bridge, entry, now):
    bridge()
    row = inbox.receive(changed(REFERRAL, authoredOn="2027-01-01T00:00:00+05:30"), "pull", now=now)
    assert (row.state, Referral.select().count()) == ("conflict", 0)


def test_an_unknown_person_is_parked_and_retried_and_dead_after_a_month(bridge, db, now):
    bridge()
    row = inbox.receive(REFERRAL, "pull", now=now)
    assert row.state == "parked"
    make_entry(ben_id="1000001")
    inbox.sweep_updates(now + timedelta(minutes=11))
    assert Incoming.get_by_id(row.id).state == "waiting"
    other = inbox.receive(
        changed(REFERRAL, identifier=[{"value": "P-2"}], subject={"identifier": {"value": "5"}}), "pull", now=now
    )
    inbox.sweep_updates(now + timedelta(days=31))
    assert Incoming.get_by_id(other.id).state == "dead"


def test_the_officer_accepts_a_referral_and_other_centres_do_not_see_it(bridge, entry, sign_in, now):
    bridge()
    make_specialty()
    row = inbox.receive(REFERRAL, "pull", now=now)
    page = "/x/esanjeevani_bridge/referrals"
    stranger = sign_in(make_staff("medical_officer", centre=make_centre("02")))
    assert "Ramesh" not in stranger.get(page).text
    assert stranger.submit(f"{page}/{row.uid}/accept", page=page).status_code == 404
    officer = sign_in(make_staff("medical_officer"))
    assert "Blood pressure not controlled" in officer.get(page).text
    assert officer.submit(f"{page}/{row.uid}/accept", page=page).status_code == 303
    slip = Referral.get()
    assert (slip.entry, slip.urgent, slip.reason) == (entry, True, "Blood pressure not controlled")
    assert officer.submit(f"{page}/{row.uid}/accept", page=page).status_code == 409
    assert AuditRow.select().where(AuditRow.action == "UpdateAccepted").count() == 1


def test_a_declined_referral_is_closed(bridge, entry, sign_in, now):
    bridge()
    row = inbox.receive(REFERRAL, "pull", now=now)
    page = "/x/esanjeevani_bridge/referrals"
    sign_in(make_staff("medical_officer")).submit(f"{page}/{row.uid}/decline", page=page)
    assert (Incoming.get().state, Referral.select().count()) == ("closed", 0)


def test_an_outcome_ends_its_hand_over_once(bridge, db, now):
    bridge()
    handover = Handover.create(
        visit_uid="v", patient_uid="p", staff_uid="s", reason="full", consent_uid="c", place="60", begun_at=now
    )
    told = changed(OUTCOME, basedOn=[{"identifier": {"value": handover.uid}}])
    assert inbox.receive(told, "pull", now=now).state == "applied"
    assert Handover.get().outcome == "completed Seen by a cardiologist."
    other = changed(told, identifier=[{"value": "ES-2"}], note=[{"text": "Did not come."}])
    assert inbox.receive(other, "pull", now=now).state == "conflict"
    assert Handover.get().outcome == "completed Seen by a cardiologist."


def test_a_task_in_progress_is_stored_and_ends_nothing(bridge, db, now):
    """Ordinary servers report every step; another hand-over's outcome is no reason to overwrite one."""
    bridge()
    handover = Handover.create(
        visit_uid="v", patient_uid="p", staff_uid="s", reason="full", consent_uid="c", place="60", begun_at=now
    )
    told = changed(OUTCOME, basedOn=[{"identifier": {"value": handover.uid}}])
    states = {
        status: inbox.receive(changed(told, status=status, identifier=[{"value": status}]), "pull", now=now).state
        for status in ("requested", "accepted", "in-progress", "on-hold")
    }
    assert set(states.values()) == {"closed"}
    assert Handover.get().state != "ended"
    assert inbox.receive(told, "pull", now=now).state == "applied"
    later = told["meta"] | {"versionId": "2"}
    other = changed(told, meta=later, identifier=[{"value": "in-progress"}], note=[{"text": "Did not come."}])
    assert inbox.receive(other, "pull", now=now).state == "conflict"
    amended = changed(told, meta=later, note=[{"text": "Seen, tests are awaited."}])
    assert inbox.receive(amended, "pull", now=now).state == "applied"
    assert Handover.get().outcome == "completed Seen, tests are awaited."


def test_the_poll_for_updates_continues_where_it_stopped(bridge, entry, other_side, queue, clock):
    bridge(pull=True)
    other_side.records.updates = [
        REFERRAL,
        OUTCOME,
        changed(
            REFERRAL,
            id="old",
            meta={"versionId": "1", "lastUpdated": "2020-01-01T00:00:00+05:30"},
            identifier=[{"value": "OLD"}],
        ),
    ]
    for _ in range(2):
        inbox.sweep_updates(clock.now())
        queue.drain()
        clock.tick(600)
    assert sorted((row.kind, row.state) for row in Incoming.select()) == [
        ("outcome", "parked"),
        ("referral", "waiting"),
        ("referral", "waiting"),
    ]
    asked = [call for call in other_side.calls if "ServiceRequest" in call]
    assert len(asked) == 2


def test_for_a_person_with_a_valid_referral_the_officer_extends_or_replaces_it(bridge, entry, sign_in, now):
    bridge()
    make_specialty()
    slip = make_referral(entry, valid_until=now.date() + timedelta(days=9))
    rows = [inbox.receive(changed(REFERRAL, identifier=[{"value": f"P-{n}"}]), "pull", now=now) for n in (1, 2)]
    page, officer = "/x/esanjeevani_bridge/referrals", sign_in(make_staff("medical_officer"))
    text = officer.get(page).text
    assert text.count(f"There is a valid referral for this specialist already: {slip.number}") == 2
    assert "Make a referral" not in text
    asked = officer.submit(f"{page}/{rows[0].uid}/accept", page=page)
    assert (asked.status_code, Incoming.get_by_id(rows[0].id).state, Referral.select().count()) == (409, "waiting", 1)
    for row, deed, count in zip(rows, ("extend", "replace"), (1, 2), strict=True):
        answer = {"slip": slip.uid, "existing": deed}
        assert officer.submit(f"{page}/{row.uid}/accept", answer, page=page).status_code == 303
        assert (Incoming.get_by_id(row.id).state, Referral.select().count()) == ("applied", count)
    assert Referral.select().where(Referral.cancelled_at.is_null()).count() == 1


def test_a_call_that_fails_half_way_is_taken_when_it_comes_again(bridge, client, entry, now, monkeypatch):
    """What was stored and never settled would wait for ever, and its sender would hear that it was taken before."""
    bridge()
    meanwhile(monkeypatch, 'FROM "register_entry"', lost)
    assert call(client, REFERRAL, now).status_code == 503
    assert Incoming.select().count() == 0
    again = call(client, REFERRAL, now)
    assert (again.status_code, Incoming.get().state) == (202, "waiting")


def test_an_update_that_is_closed_while_it_is_settled_stays_closed(bridge, entry, now, monkeypatch):
    bridge()
    withdrawal = inbox.receive(version(2, status="revoked"), "pull", now=now)
    inbox.receive(version(1), "pull", now=now)
    closed = Incoming.update(state="closed").where(Incoming.id == withdrawal.id)
    meanwhile(monkeypatch, 'UPDATE "esanjeevani_bridge_incoming"', closed.execute)
    inbox.sweep_updates(now + timedelta(minutes=11))
    assert Incoming.get_by_id(withdrawal.id).state == "closed"
