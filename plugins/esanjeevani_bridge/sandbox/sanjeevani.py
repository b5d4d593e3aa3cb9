"""The stand-in of e-Sanjeevani's third-party interface: the three calls, each field checked."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

USERS = {"dr.sandbox": "sandbox-password"}
SOURCE = "11001"
ADDRESS = {
    "addressLine1": ".{3,200}", "addressType": "Physical", "addressUse": "Work", "blockCode": "[0-9]*",
    "blockDisplay": ".*", "cityCode": "[0-9]{1,6}", "cityDisplay": ".+", "countryCode": "1", "countryDisplay": "India",
    "districtCode": "[0-9]{1,5}", "districtDisplay": ".+", "postalCode": "[1-9][0-9]{5}", "stateCode": "[0-9]{1,2}",
    "stateDisplay": ".+",
}  # fmt: skip
CONTACT = {"contactPointType": "Phone", "contactPointUse": "Work", "contactPointValue": "[6-9][0-9]{9}"}
PATIENT = {
    "abhaAddress": r"(|[a-z0-9._]{4,64}@(abdm|sbx))", "abhaNumber": "(|[0-9]{14})",
    "birthdate": r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", "displayName": ".+", "firstName": ".+", "middleName": ".*",
    "lastName": ".*", "genderDisplay": "Male|Female|Other", "source": SOURCE,
}  # fmt: skip
GENDERS = {1: "Male", 2: "Female", 3: "Other"}


@dataclass
class Sanjeevani:
    """Who signed in, which patients are known, which references were given."""

    tokens: list[str] = field(default_factory=list)
    patients: list[dict[str, Any]] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes, environ: dict[str, Any]) -> tuple[int, Any]:
        """One call of the interface."""
        calls = {
            "/aus/api/ThirdPartyAuth/providerLogin": self._login,
            "/aus/api/ThirdPartyAuth/authenticateReference": self._reference,
            "/ps/api/v1/Patient": self._patient,
        }
        if method != "POST" or path not in calls:
            return 404, _said("0", "not found")
        try:
            wanted = json.loads(body)
        except ValueError:
            return 400, _said("0", "not JSON")
        return calls[path](wanted, str(environ.get("HTTP_AUTHORIZATION", "")))

    def _login(self, wanted: dict[str, Any], authorization: str) -> tuple[int, Any]:
        if problem := _wrong_login(wanted):
            return 200, _said("2", problem)
        self.tokens.append(secrets.token_urlsafe(24))
        return 200, _said("1", "success", {"access_token": self.tokens[-1]})

    def _reference(self, wanted: dict[str, Any], authorization: str) -> tuple[int, Any]:
        if problem := _wrong_login(wanted):
            return 200, _said("2", problem)
        self.references.append(secrets.token_hex(16))
        return 200, _said("1", "success", {"referenceId": self.references[-1]})

    def _patient(self, wanted: dict[str, Any], authorization: str) -> tuple[int, Any]:
        if authorization.removeprefix("Bearer ") not in self.tokens:
            return 401, _said("0", "unauthorised")
        if problem := wrong_patient(wanted):
            return 200, _said("3", problem)
        if wanted["abhaNumber"] and any(known["abhaNumber"] == wanted["abhaNumber"] for known in self.patients):
            return 200, _said("43", "ABHA number already registered")
        if any(_profile(known) == _profile(wanted) for known in self.patients):
            return 200, _said("78", "same profile already exists")
        self.patients.append(wanted)
        return 200, _said("1", "success", {"id": len(self.patients)})


def wrong_patient(wanted: dict[str, Any]) -> str:
    """What is wrong with a patient's body, or nothing."""
    addresses, contacts = wanted.get("lstPatientAddress"), wanted.get("lstPatientContactDetail")
    keys = {*PATIENT, "age", "genderCode", "isBlock", "lstPatientAddress", "lstPatientContactDetail"}
    if set(wanted) != keys or not _one(addresses) or not _one(contacts):
        return f"fields: {sorted(keys ^ set(wanted))}"
    found = _wrong(wanted, PATIENT) + _wrong(addresses[0], ADDRESS) + _wrong(contacts[0], CONTACT)  # type: ignore[index]
    found += [] if wanted["isBlock"] is False and type(wanted["age"]) is int else ["isBlock or age"]
    found += [] if GENDERS.get(wanted["genderCode"]) == wanted["genderDisplay"] else ["genderCode"]
    found += [] if contacts[0].get("contactPointStatus") is True else ["contactPointStatus"]  # type: ignore[index]
    unknown = set(addresses[0]) - set(ADDRESS) | set(contacts[0]) - set(CONTACT) - {"contactPointStatus"}  # type: ignore[index]
    return ", ".join([*found, *sorted(unknown)])


def _wrong_login(wanted: dict[str, Any]) -> str:
    if set(wanted) != {"userName", "password", "salt", "source"} or not re.fullmatch("[0-9]{6}", str(wanted["salt"])):
        return "userName, password, salt of six digits, source"
    known = USERS.get(wanted["userName"], "")
    twice = _sha(_sha(known) + _sha(wanted["salt"]))
    if not known or wanted["password"] != twice or wanted["source"] != SOURCE:
        return "wrong user name, password or source"
    return ""


def _wrong(value: dict[str, Any], patterns: dict[str, str]) -> list[str]:
    return [
        name for name, pattern in patterns.items()
        if not (isinstance(value.get(name), str) and re.fullmatch(pattern, value[name]))
    ]  # fmt: skip


def _one(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


def _profile(patient: dict[str, Any]) -> tuple[str, str, str]:
    contact = patient["lstPatientContactDetail"][0]["contactPointValue"]
    return patient["displayName"], patient["birthdate"], contact


def _said(code: str, message: str, model: Any = None) -> dict[str, Any]:
    return {"success": code == "1", "msgCode": code, "message": message, "model": model}


def _sha(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()
