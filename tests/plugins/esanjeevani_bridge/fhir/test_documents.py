"""The two documents: valid by three independent validators, and without loss in the round trip."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portal_plugins.esanjeevani_bridge.fhir.documents import document

from portal.contracts import GuardianRecord, MedicineRecord, PatientIdentity
from tests.plugins.esanjeevani_bridge import validators
from tests.plugins.esanjeevani_bridge.reading import facts_of
from tests.plugins.esanjeevani_bridge.records import FULL, LEAST, NOTES, SENDER

RECORDS = {
    "full": FULL,
    "least": LEAST,
    "second version": replace(FULL, version=2, number="RX-2611-000002", replaces="RX-2611-000001"),
    "cancelled": replace(FULL, cancelled=True, version=3),
    "one pressure": replace(LEAST, vitals=(("systolic", 132.0),), diagnosis="Fever"),
}
KINDS = ("prescription", "visit")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RECORDS)
def test_a_document_is_valid_by_the_bridges_own_check_and_by_types(name, kind):
    made = document(kind, RECORDS[name], SENDER)
    assert validators.ours(made) == []
    assert validators.types(made) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("full", "visit"),
        ("least", "visit"),
        ("cancelled", "prescription"),
        ("second version", "prescription"),
        ("second version", "visit"),
    ],
)
def test_a_document_is_valid_by_r4_and_the_guide(validator, name, kind):
    assert validators.r4(validator, document(kind, RECORDS[name], SENDER)) == []


@pytest.mark.parametrize("name", RECORDS)
def test_a_consultation_survives_the_round_trip(name):
    made = document("visit", RECORDS[name], SENDER)
    assert facts_of(json.loads(json.dumps(made))) == RECORDS[name]


@pytest.mark.parametrize("name", RECORDS)
def test_a_prescription_survives_the_round_trip_without_the_notes(name):
    made = document("prescription", RECORDS[name], SENDER)
    assert facts_of(made) == replace(RECORDS[name], **NOTES)
    assert document("prescription", facts_of(made), SENDER) == made


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
MEDICINE = st.builds(
    MedicineRecord,
    drug=TEXT.filter(bool),
    form=TEXT,
    strength=TEXT,
    dose=TEXT,
    frequency=st.sampled_from(["OD", "SOS", "STAT", "at night", ""]),
    duration_days=st.none() | st.integers(1, 366),
    quantity=st.integers(1, 9999),
    instructions=TEXT,
)
FROM, TO = date(2020, 1, 1), date(2090, 1, 1)
MOMENTS = st.integers(0, 2**31 * 10**6).map(lambda micros: FULL.issued_at + timedelta(microseconds=micros))
VITALS = st.dictionaries(st.sampled_from(["pulse", "diastolic", "weight"]), st.integers(20, 3000).map(lambda n: n / 10))
RECORD = st.builds(
    replace,
    st.just(FULL),
    complaints=TEXT,
    history=TEXT,
    findings=TEXT,
    investigations=TEXT,
    advice=TEXT,
    diagnosis=TEXT.filter(bool),
    medicines=st.lists(MEDICINE, min_size=1, max_size=4).map(tuple),
    version=st.integers(1, 50),
    mode=st.sampled_from(["video", "audio", "phone", "text", ""]),
    kind=st.sampled_from(["first", "follow_up"]),
    issued_at=MOMENTS,
    follow_up_on=st.none() | st.dates(FROM, TO),
    vitals=VITALS.map(lambda found: tuple(sorted(found.items()))),
)


def test_each_medicine_has_its_own_last_day_at_the_pharmacy():
    days = tuple(FULL.valid_until - timedelta(days=number) for number in range(len(FULL.medicines)))
    made = document("prescription", replace(FULL, collect_until=days), SENDER)
    requests = [entry["resource"] for entry in made["entry"]]
    ends = [each["dispenseRequest"]["validityPeriod"]["end"] for each in requests if "dispenseRequest" in each]
    assert ends == [day.isoformat() for day in days]


@settings(max_examples=25, deadline=None)
@given(RECORD)
def test_any_text_survives_the_round_trip_and_the_same_facts_give_the_same_document(record):
    made = document("visit", record, SENDER)
    assert validators.ours(made) == []
    assert validators.types(made) == []
    assert facts_of(made) == record
    assert json.dumps(document("visit", record, SENDER)) == json.dumps(made)


@pytest.mark.parametrize("present", ["patient", "caregiver"])
@pytest.mark.parametrize("identity", ["CGHS card", ""])
def test_the_adult_of_a_minor_takes_part_in_the_encounter(present, identity):
    record = replace(FULL, present=present, guardian=GuardianRecord("Sunita Kumar", "mother", identity))
    made = document("visit", record, SENDER)
    assert validators.ours(made) == []
    assert validators.types(made) == []
    assert facts_of(made) == record
    alone = replace(FULL, present=present)
    assert present == "caregiver" or facts_of(document("visit", alone, SENDER)) == alone


def test_a_document_has_only_allowed_data():
    """S70: no mobile, no address, no code of the prescription beside the file itself."""
    text = json.dumps([document(kind, FULL, SENDER) for kind in KINDS])
    assert "telecom" not in text
    assert '"address"' not in text
    assert "verif" not in text


def test_identifiers_of_the_person_have_their_types():
    patient = document("prescription", FULL, SENDER)["entry"][1]["resource"]
    numbers = {one["type"]["coding"][0]["code"]: one["value"] for one in patient["identifier"]}
    assert numbers == {
        "MR": "2611230000017",
        "CGHS": "1000001",
        "HIN": "91-1234-5678-9012",
        "ABHA": "ramesh.k@abdm",
        "U": "IC-4711",
    }


def test_a_follow_up_covers_the_whole_day_in_ist():
    made = document("visit", FULL, SENDER)
    (meeting,) = [one["resource"] for one in made["entry"] if one["resource"]["resourceType"] == "Appointment"]
    assert (meeting["start"], meeting["end"]) == ("2026-12-07T00:00:00+05:30", "2026-12-07T23:59:59+05:30")


def test_a_cancelled_prescription_withdraws_its_document_and_not_the_notes():
    heads = {kind: document(kind, RECORDS["cancelled"], SENDER)["entry"][0]["resource"] for kind in KINDS}
    assert (heads["prescription"]["status"], heads["visit"]["status"]) == ("entered-in-error", "amended")
    requests = [
        entry["resource"]["status"]
        for entry in document("visit", RECORDS["cancelled"], SENDER)["entry"]
        if entry["resource"]["resourceType"] == "MedicationRequest"
    ]
    assert set(requests) == {"cancelled"}


def test_a_verified_abha_number_has_its_own_type_and_stands_once():
    system = "https://healthid.abdm.gov.in"
    number = PatientIdentity("ABHA number", system, FULL.patient.abha_number)
    for patient in (
        replace(FULL.patient, identities=(number,)),
        replace(FULL.patient, identities=(number,), abha_number=""),
    ):
        made = document("visit", replace(FULL, patient=patient), SENDER)
        (resource,) = [each["resource"] for each in made["entry"] if each["resource"]["resourceType"] == "Patient"]
        found = [one for one in resource["identifier"] if one["type"]["coding"][0]["code"] == "HIN"]
        assert [one["value"].replace("-", "") for one in found] == [number.number]
        assert validators.ours(made) == []
