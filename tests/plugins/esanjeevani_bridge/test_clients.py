"""The bodies of both public clients of e-Sanjeevani: ours is Bahmni-HWC's, and the sandbox accepts these and no other.

`clients/` holds what Bahmni-HWC's esanjeevani-service (Jackson: null is written) and AMRIT's Common-API (Gson: null is
left out) send for one patient, after their mappers and classes of 2023 to 2025.
"""

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from portal_plugins.esanjeevani_bridge import sanjeevani
from portal_plugins.esanjeevani_bridge.models import Place
from portal_plugins.esanjeevani_bridge.sandbox.clients import wrong_login, wrong_patient
from portal_plugins.esanjeevani_bridge.sandbox.sanjeevani import Sanjeevani
from portal_plugins.esanjeevani_bridge.settings import Settings

from portal.base import outbound
from portal.contracts import GatewayError
from tests.scripted import Step, scripted_server

BODIES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "clients").glob("*.json")}
PATIENTS = "/ps/api/v1/Patient"
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


def changed(client, place=(), **values):
    """Change values of a client's body; `...` leaves a field out."""
    body = copy.deepcopy(BODIES[client])
    part = body[place][0] if place else body
    for name, value in values.items():
        if value is ...:
            del part[name]
        else:
            part[name] = value
    return body


def test_our_body_equals_bahmnis():
    assert json.loads(json.dumps(sanjeevani.patient_body(PERSON, "11001"))) == BODIES["bahmni"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ramesh", ("Ramesh", None, "")),
        ("Ramesh Kumar Rao", ("Ramesh", "Kumar", "Rao")),
        ("A B C D", ("A", "B C", "D")),
    ],
)
def test_every_name_is_accepted_by_the_sandbox(name, parts):
    body = sanjeevani.patient_body(replace(PERSON, name=name), "11001")
    assert (body["firstName"], body["middleName"], body["lastName"]) == parts
    assert wrong_patient(body) == ""


@pytest.mark.parametrize("client", ["bahmni", "amrit"])
def test_the_sandbox_accepts_the_body_of_both_clients_once(client):
    there = Sanjeevani(tokens=["t"])
    answers = [
        there.answer("POST", PATIENTS, json.dumps(BODIES[client]).encode(), {"HTTP_AUTHORIZATION": "Bearer t"})[1]
        for _ in range(2)
    ]
    known = 43 if client == "amrit" else 78
    assert [(one["success"], one["msgCode"]) for one in answers] == [(True, 1), (True, known)]
    assert there.patients == [BODIES[client]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (changed("bahmni", "lstPatientAddress", stateCode="7"), "stateCode"),
        (changed("bahmni", "lstPatientAddress", cityCode="61"), "cityCode"),
        (changed("bahmni", "lstPatientAddress", blockCode=""), "blockCode"),
        (changed("bahmni", "lstPatientAddress", blockCode=None), "blockCode"),
        (changed("bahmni", "lstPatientAddress", blockDisplay=""), "blockDisplay"),
        (changed("bahmni", "lstPatientAddress", districtCode=0), "districtCode"),
        (changed("bahmni", abhaNumber=""), "abhaNumber"),
        (changed("bahmni", abhaAddress=...), "abhaAddress"),
        (changed("bahmni", middleName=""), "middleName"),
        (changed("bahmni", age="41"), "age"),
        (changed("bahmni", age=True), "age"),
        (changed("bahmni", genderCode=2), "genderDisplay"),
        (changed("bahmni", nickname="R"), "nickname"),
        (changed("bahmni", lstPatientAddress=[]), "lstPatientAddress"),
        (changed("amrit", abhaNumber=None), "abhaNumber"),
        (changed("amrit", "lstPatientAddress", addressType="Physical"), "addressType"),
        (changed("amrit", "lstPatientAddress", stateCode="7"), "stateCode"),
        (changed("amrit", "lstPatientContactDetail", contactPointType="Phone"), "contactPointType"),
        ([], ""),
        (None, ""),
        ("text", ""),
    ],
)
def test_the_sandbox_refuses_what_neither_sends_and_names_the_field(body, field):
    problem = wrong_patient(body)
    assert problem
    assert field in problem


def test_a_salt_from_amrits_settings_is_accepted_too():
    login = sanjeevani.login_body(sanjeevani.Login("dr", sanjeevani.sha512("abc")), "11001", "pinch")
    assert wrong_login(login) == ""
    assert wrong_login(login | {"salt": 123456}) == "salt"


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
