"""The sandbox accepts the bodies of both public clients of e-Sanjeevani, and no others."""

import copy
import json
from dataclasses import replace

import pytest
from portal_plugins.esanjeevani_bridge import sanjeevani
from portal_plugins.esanjeevani_bridge.sandbox.clients import wrong_login, wrong_patient
from portal_plugins.esanjeevani_bridge.sandbox.sanjeevani import Sanjeevani

from tests.plugins.esanjeevani_bridge.test_sanjeevani import BODIES, PERSON

PATIENTS = "/ps/api/v1/Patient"


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
