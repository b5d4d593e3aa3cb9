"""Serialisation of a prescription's content."""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from portal.contracts import GuardianRecord
from portal.core.paper.content import Content
from tests.core.paper.samples import PATIENT, sample


@pytest.mark.parametrize(
    "content",
    [
        sample(0),
        sample(3),
        sample(follow_up_on=None, vitals=()),
        sample(seen_in_person_on=date(2026, 10, 1)),
        sample(
            present="caregiver",
            guardian=GuardianRecord("Sunita Kumar", "mother", "CGHS card"),
            patient=replace(PATIENT, age=1, months=14),
        ),
    ],
)
def test_the_round_trip_loses_nothing(content):
    assert Content.from_json(json.loads(json.dumps(content.to_json()))) == content


def test_the_stored_bytes_are_the_same_as_of_the_first_prescriptions():
    text = json.dumps(sample(3).to_json(), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == "3c283cd63c2af4b10dc88f7f9bfde6fa97c1882cbd56762bf1b8da470597f940"
