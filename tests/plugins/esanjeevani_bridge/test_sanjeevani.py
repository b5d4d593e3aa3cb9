"""The bodies of both public clients of e-Sanjeevani: ours is Bahmni-HWC's, and the sandbox accepts these and no other.

`clients/` holds what Bahmni-HWC's esanjeevani-service (Jackson: null is written) and AMRIT's Common-API (Gson: null is
left out) send for one patient, after their mappers and classes of 2023 to 2025.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from portal_plugins.esanjeevani_bridge import sanjeevani
from portal_plugins.esanjeevani_bridge.models import Place
from portal_plugins.esanjeevani_bridge.settings import Settings

from portal.base import outbound
from portal.contracts import GatewayError
from tests.scripted import Step, scripted_server

BODIES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "clients").glob("*.json")}


PERSON = sanjeevani.Person(
    name="Ramesh Kumar",
    gender="male",
    birth_date=date(1985, 5, 5),
    age=41,
    mobile="+919876543210",
    address="12 Gole Market",
    postal_code="110010",
    abha_number=None,
    abha_address=None,
    place=Place(
        code="61", name="Delhi Cantonment", district_code="77", district="New Delhi", state_code="07", state="Delhi"
    ),
)


def test_our_body_equals_bahmnis():
    assert json.loads(json.dumps(sanjeevani.patient_body(PERSON, "11001"))) == BODIES["bahmni"]


@pytest.mark.parametrize(
    ("status", "body", "known"),
    [
        (200, b'{"msgCode": 1}', "1"),
        (201, b'{"msgCode": 1}', "1"),
        (202, b'{"msgCode": "1"}', "1"),
        (200, b'{"msgCode": 78}', "78"),
        (299, b'{"msgCode": 43}', "43"),
    ],
)
def test_any_2xx_status_is_accepted_and_the_code_is_a_number_or_a_text(db, status, body, known):
    with scripted_server() as server:
        outbound.install(frozenset({server.url.removeprefix("http://")}))
        server.otherwise = Step(status, body)
        settings = Settings(sanjeevani_url=server.url, launch_url=server.url, source="11001")
        assert sanjeevani.create_patient(settings, "t", PERSON) == known
    outbound.install(frozenset())


@pytest.mark.parametrize(("status", "body"), [(302, b'{"msgCode": 1}'), (200, b'{"msgCode": 3}'), (200, b"[" * 9000)])
def test_other_responses_are_a_refusal_with_a_sentence(db, status, body):
    with scripted_server() as server:
        outbound.install(frozenset({server.url.removeprefix("http://")}))
        server.otherwise = Step(status, body)
        settings = Settings(sanjeevani_url=server.url, launch_url=server.url, source="11001")
        with pytest.raises(GatewayError, match="e-Sanjeevani refused"):
            sanjeevani.create_patient(settings, "t", PERSON)
    outbound.install(frozenset())
