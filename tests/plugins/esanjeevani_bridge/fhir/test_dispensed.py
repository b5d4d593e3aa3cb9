"""What the pharmacy gave, as MedicationDispense: valid by three validators, under ids that stay."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from portal_plugins.esanjeevani_bridge.fhir.dispensed import transaction
from portal_plugins.esanjeevani_bridge.fhir.documents import document

from portal.api.dispensings import DispensingRecord, GivenRecord
from tests.plugins.esanjeevani_bridge import validators
from tests.plugins.esanjeevani_bridge.records import FULL, SENDER

AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PLAIN = DispensingRecord(
    uid="dispensingdispensingd1",
    visit_uid=FULL.uid,
    number=FULL.number,
    at=AT,
    reversed_at=None,
    reverse_reason="",
    centre_code="01",
    centre_name="Gole Market",
    pharmacist_uid="pharmacistpharmacistp1",
    pharmacist_name="Sunil Rao",
    patient_uid="patientpatientpatientp",
    patient=FULL.patient,
    given=tuple(GivenRecord(place, item, item.quantity) for place, item in enumerate(FULL.medicines)),
)
CROCIN = GivenRecord(0, FULL.medicines[0], 10, "Crocin <650>", "The prescribed one is not in stock", 4)
RECORDS = {
    "plain": PLAIN,
    "another brand, beyond the part": replace(PLAIN, given=(CROCIN,), permission="AD/DZ-2/2026/118"),
    "reversed": replace(PLAIN, reversed_at=AT + timedelta(minutes=5), reverse_reason="Wrong box"),
}


def resources(record):
    return [entry["resource"] for entry in transaction(record, SENDER)["entry"]]


@pytest.mark.parametrize("name", RECORDS)
def test_it_is_valid_by_the_bridges_own_check_by_types_and_by_r4(name, validator):
    made = transaction(RECORDS[name], SENDER)
    assert validators.ours(made) == []
    assert validators.types(made) == []
    assert validators.r4(validator, made) == []


def test_each_medicine_names_the_request_that_authorised_it():
    requests = [
        entry["resource"]["identifier"]
        for entry in document("prescription", FULL, SENDER)["entry"]
        if entry["resource"]["resourceType"] == "MedicationRequest"
    ]
    found = [[one["authorizingPrescription"][0]["identifier"]] for one in resources(PLAIN)]
    assert found == requests


def test_it_says_who_got_what_where_when_and_for_how_long():
    first, second, _third = resources(PLAIN)
    assert first["medicationCodeableConcept"]["text"] == "Paracetamol · tablet · 500 mg"
    assert (first["quantity"], first["daysSupply"]["value"]) == ({"value": 15}, 5)
    assert "daysSupply" not in second, "without a course nobody can say"
    assert first["whenHandedOver"] == "2026-11-23T10:30:00+05:30"
    assert first["subject"]["identifier"]["value"] == FULL.patient.patient_id
    assert [one["actor"]["identifier"]["value"] for one in first["performer"]] == [PLAIN.pharmacist_uid, "01"]
    assert first["context"]["identifier"]["value"] == FULL.uid
    assert FULL.patient.ben_id not in str(resources(PLAIN))


def test_another_brand_and_the_written_permission_are_told():
    (one,) = resources(RECORDS["another brand, beyond the part"])
    assert one["medicationCodeableConcept"]["text"] == "Crocin <650> (Paracetamol · tablet · 500 mg)"
    assert one["substitution"] == {"wasSubstituted": True, "reason": [{"text": CROCIN.brand_reason}]}
    assert one["note"][0]["text"] == "4 of them beyond the part, by the written permission AD/DZ-2/2026/118"


def test_a_reversal_changes_the_status_under_the_same_id_and_nothing_is_new_otherwise():
    before, after = resources(PLAIN), resources(RECORDS["reversed"])
    assert [one["id"] for one in before] == [one["id"] for one in after]
    assert ({one["status"] for one in before}, {one["status"] for one in after}) == (
        {"completed"},
        {"entered-in-error"},
    )
    assert after[0]["note"] == [{"text": "Reversed: Wrong box"}]
    assert transaction(PLAIN, SENDER) == transaction(deepcopy(PLAIN), SENDER)
    other = replace(PLAIN, uid="dispensingdispensingd2")
    assert {one["id"] for one in resources(other)}.isdisjoint(one["id"] for one in before)


def spoil(**values):
    def change(bundle):
        resource = bundle["entry"][0]["resource"]
        for name, value in values.items():
            resource.pop(name) if value is None else resource.update({name: value})

    return change


def without_entries(bundle):
    bundle["entry"] = []


def posted(bundle):
    bundle["entry"][0]["request"]["method"] = "POST"


def elsewhere(bundle):
    bundle["entry"][0]["request"]["url"] = "MedicationDispense/1"


BROKEN = {
    "without a status": spoil(status=None),
    "in preparation": spoil(status="preparation"),
    "without a medicine": spoil(medicationCodeableConcept=None),
    "for nobody": spoil(subject={"display": "Ramesh"}),
    "of no visit": spoil(context=None),
    "by nobody": spoil(performer=None),
    "without a prescription": spoil(authorizingPrescription=None),
    "of nothing": spoil(quantity={"value": 0}),
    "at no time": spoil(whenHandedOver=None),
    "without an instruction": spoil(dosageInstruction=None),
    "without a number": spoil(identifier=None),
    "another resource": spoil(resourceType="Patient"),
    "without entries": without_entries,
    "posted": posted,
    "under another id": elsewhere,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused(name):
    made = transaction(PLAIN, SENDER)
    BROKEN[name](made)
    assert validators.ours(made)


def test_the_general_validators_see_what_is_inside_a_transaction(validator):
    made = transaction(PLAIN, SENDER)
    made["entry"][0]["resource"] |= {"status": "given", "quantity": {"value": "many"}}
    made["entry"][1]["resource"].pop("medicationCodeableConcept")
    found = validators.r4(validator, made)
    assert any("status" in line for line in found)
    assert any("medication" in line for line in found)
    assert validators.types(made)
