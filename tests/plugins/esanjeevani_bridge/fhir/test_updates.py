"""Ordinary FHIR senders are accepted, modifiers are obeyed or refused, and each refusal is an OperationOutcome."""

import json
import re

import pytest
from portal_plugins.esanjeevani_bridge import inbox
from portal_plugins.esanjeevani_bridge.fhir import updates
from portal_plugins.esanjeevani_bridge.models import Incoming
from portal_plugins.esanjeevani_bridge.settings import NAME

from portal.api import clinic
from portal.core.prescriptions import exchange
from portal.core.referrals.models import Referral
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM
from tests.factories import make_entry, make_specialty, make_staff
from tests.plugins.esanjeevani_bridge.test_inbox import OUTCOME, REFERRAL, call, changed, version

SYSTEM_OF_PHC = {"system": "https://phc.example", "value": "PHC-77"}


# A ServiceRequest of HAPI FHIR and Medplum: with a narrative, a source, uses, and references by URL.
ORDINARY = changed(
    REFERRAL,
    meta=REFERRAL["meta"]
    | {
        "source": "#Tq8cQ0GZvW3b",
        "tag": [{"system": "https://phc.example/tags", "code": "opd"}],
        "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}],
    },
    language="en-IN",
    text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Referral</p></div>'},
    extension=[{"url": "https://phc.example/created-by", "valueString": "app 4.2"}],
    identifier=[{"use": "official", "assigner": {"display": "PHC"}, **SYSTEM_OF_PHC}],
    doNotPerform=False,
    category=[{"coding": [{"system": "http://snomed.info/sct", "code": "3457005", "display": "Patient referral"}]}],
    subject=REFERRAL["subject"] | {"reference": "Patient/17", "display": "Ramesh Kumar"},
    encounter={"reference": "Encounter/4"},
    requester={"reference": "PractitionerRole/12", "type": "PractitionerRole", "display": "Dr Rural"},
)


@pytest.fixture
def entry(db):
    return make_entry(ben_id="1000001")


def issues(answer) -> list[tuple[str, str]]:
    """Return (code, expression) of an OperationOutcome."""
    assert answer.mimetype == "application/fhir+json"
    assert answer.json["resourceType"] == "OperationOutcome"
    return [(one["code"], *one.get("expression", [""])) for one in answer.json["issue"]]


def test_an_ordinary_senders_referral_waits_for_the_medical_officer(bridge, client, entry, now):
    bridge()
    answer = call(client, ORDINARY, now)
    assert (answer.status_code, answer.json["state"]) == (202, "waiting")


def test_an_ordinary_servers_outcome_is_accepted(db, now):
    told = changed(
        OUTCOME,
        text={"status": "generated", "div": "<div/>"},
        lastModified="2026-11-23T09:00:00+05:30",
        owner={"reference": "Organization/1"},
        requester={"reference": "Practitioner/2"},
        **{"for": {"display": "R"}},
    )
    assert updates.problems(told) == []


@pytest.mark.parametrize(
    ("priority", "is_urgent"), [("routine", False), ("urgent", True), ("asap", True), ("stat", True)]
)
def test_stat_and_asap_are_urgent_here(bridge, entry, now, priority, is_urgent):
    bridge()
    make_specialty()
    row = inbox.receive(changed(REFERRAL, priority=priority), "pull", now=now)
    inbox.accept(clinic.staff_member(make_staff("medical_officer").uid), row.uid, by=SYSTEM, now=now)
    assert Referral.get().urgent is is_urgent


def test_an_urgent_referral_is_shown_as_such(bridge, entry, sign_in, now):
    bridge()
    inbox.receive(changed(REFERRAL, priority="stat"), "pull", now=now)
    assert "Urgent" in sign_in(make_staff("medical_officer")).get(f"/x/{NAME}/referrals").text


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"doNotPerform": True}, ("code-invalid", "ServiceRequest.doNotPerform")),
        ({"doNotPerform": "false"}, ("code-invalid", "ServiceRequest.doNotPerform")),
        (
            {"modifierExtension": [{"url": "https://x.in/not", "valueBoolean": True}]},
            ("not-supported", "ServiceRequest.modifierExtension"),
        ),
        ({"implicitRules": "https://x.in/rules"}, ("not-supported", "ServiceRequest.implicitRules")),
        ({"status": "draft"}, ("code-invalid", "ServiceRequest.status")),
        ({"status": "on-hold"}, ("code-invalid", "ServiceRequest.status")),
        ({"intent": "proposal"}, ("code-invalid", "ServiceRequest.intent")),
        ({"contained": [{"resourceType": "Patient"}]}, ("not-supported", "ServiceRequest.contained")),
        (
            {"subject": {"identifier": {"use": "old", "value": "1000001"}}},
            ("value", "ServiceRequest.subject.identifier"),
        ),
        ({"identifier": [{"use": "temp", "value": "X"}]}, ("value", "ServiceRequest.identifier")),
        ({"identifier": [{"use": "nickname", "value": "X"}]}, ("code-invalid", "ServiceRequest.identifier[0].use")),
        ({"reasonCode": [{"text": "a"}, {"text": "x" * 501}]}, ("value", "ServiceRequest.reasonCode[1].text")),
        ({"authoredOn": None}, ("value", "ServiceRequest.authoredOn")),
        ({"priority": "soon"}, ("code-invalid", "ServiceRequest.priority")),
        ({"resourceType": "Appointment"}, ("not-supported", "resourceType")),
    ],
)
def test_an_unsupported_modifier_is_refused_and_the_field_is_named(bridge, client, entry, now, changes, found):
    bridge()
    answer = call(client, changed(REFERRAL, **changes), now)
    assert (answer.status_code, found in issues(answer)) == (422, True), answer.json
    assert (Incoming.get().state, Referral.select().count()) == ("dead", 0)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"implicitRules": "https://x.in"}, "Task.implicitRules"),
        ({"intent": "plan"}, "Task.intent"),
        ({"modifierExtension": [{}]}, "Task.modifierExtension"),
        ({"status": "entered-in-error"}, "Task.status"),
        ({"basedOn": [{"identifier": {"use": "old", "value": "h"}}]}, "Task.basedOn[0].identifier"),
    ],
)
def test_a_task_is_validated_in_the_same_way(changes, path):
    assert updates.problems(changed(OUTCOME, **changes))[0].path == path


def test_a_lasting_identifier_is_preferred_to_a_temporary_one():
    told = changed(REFERRAL, identifier=[{"use": "temp", "value": "T-1"}, {"use": "official", "value": "PHC-77"}])
    assert updates.parse(told).number == "PHC-77"


def test_a_referral_entered_in_error_is_withdrawn(bridge, entry, now):
    bridge()
    first = inbox.receive(version(1), "pull", now=now)
    assert inbox.receive(version(2, status="entered-in-error"), "pull", now=now).state == "applied"
    assert Incoming.get_by_id(first.id).state == "closed"


def test_another_narrative_or_source_is_a_duplicate_and_no_conflict(bridge, entry, now):
    bridge()
    first = inbox.receive(ORDINARY, "pull", now=now)
    told = ORDINARY | {"meta": ORDINARY["meta"] | {"source": "#other"}, "text": {"status": "empty", "div": "<div/>"}}
    assert inbox.receive(told, "pull", now=now).uid == first.uid
    assert Incoming.select().count() == 1


def test_a_refused_update_that_is_allowed_now_can_be_retried(bridge, entry, sign_in, now):
    """Stored before these elements were allowed: the number is parsed again, so that a withdrawal still matches it."""
    bridge()
    digest = "d" * 64
    old = Incoming.create(
        kind="referral",
        number=digest,
        version=0,
        digest=digest,
        payload=ORDINARY,
        way="webhook",
        state="dead",
        reason="Not allowed: ServiceRequest.text",
        received_at=now,
        settled_at=now,
    )
    home, admin = f"/x/{NAME}/", sign_in(make_staff("admin"))
    inbox.receive(changed(REFERRAL, doNotPerform=True), "pull", now=now)
    assert re.findall(r"incoming/([\w-]+)/again", admin.get(home).text) == [old.uid], "the other has no such button"
    admin.submit(f"{home}incoming/{old.uid}/again", page=home)
    row = Incoming.get_by_id(old.id)
    assert (row.state, row.number, row.version) == ("waiting", "PHC-77", 1)
    assert inbox.receive(version(2, status="revoked"), "pull", now=now).state == "applied"


def documents(visit, now) -> set[str]:
    """Return every system of our own identifiers in a document, and the document's own URLs."""
    text = exchange.export(visit.uid, "visit", now=now)
    made = json.loads(text)
    return {made["identifier"]["system"], *(entry["fullUrl"] for entry in made["entry"])}


def test_identifiers_keep_their_namespace_when_the_portal_moves(bridge, documented, queue, now, app, monkeypatch):
    bridge()
    visit = documented()
    queue.drain()
    before = documents(visit, now)
    moved = app.config["PORTAL"].__class__(**{**vars(app.config["PORTAL"]), "base_url": "https://new.example.in"})
    monkeypatch.setattr(registry(), "config", moved)
    assert documents(visit, now) == before
    assert not any("new.example.in" in one for one in before)


def test_the_administrator_can_set_the_namespace(bridge, documented, queue, now):
    bridge(namespace="https://cghs.example.in/")
    visit = documented()
    queue.drain()
    assert "https://cghs.example.in/fhir/document" in documents(visit, now)
