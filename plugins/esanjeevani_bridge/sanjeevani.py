"""Client of e-Sanjeevani's third-party interface, as far as it is publicly known: three calls, and nothing else.

Facts from two independent open clients (AMRIT Common-API, Bahmni-HWC); where the two differ we send what Bahmni-HWC
sends. docs/interoperability.md lists the assumptions.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.api import json_text, outbound
from portal.api.base import gettext as _
from portal.contracts import GatewayError

from .models import Place
from .settings import Settings

DONE, THERE_ALREADY = "1", ("43", "78")
SECONDS = 10
GENDERS = {"male": (1, "Male"), "female": (2, "Female"), "other": (3, "Other")}
SIGN_IN = "/#/external-provider-signin/"
UNKNOWN_BLOCK = 0  # a block is no sub-district, and nobody here is asked for one


@dataclass(frozen=True)
class Login:
    """Credentials there. `password_hash` is the SHA-512 of the password, in lower-case hex."""

    username: str
    password_hash: str


@dataclass(frozen=True)
class Person:
    """What e-Sanjeevani gets to know of a patient; None without ABHA number or address."""

    name: str
    gender: str
    birth_date: date
    age: int
    mobile: str
    address: str
    postal_code: str
    place: Place
    abha_number: str | None
    abha_address: str | None


def sha512(text: str) -> str:
    """Hash to lower-case hex."""
    return hashlib.sha512(text.encode()).hexdigest()


def login_body(login: Login, source: str, salt: str) -> dict[str, str]:
    """Build the body of both sign-in calls: the salted double SHA-512 of the password."""
    password = sha512(login.password_hash + sha512(salt))
    return {"userName": login.username, "password": password, "salt": salt, "source": source}


def patient_body(person: Person, source: str) -> dict[str, Any]:
    """Build the body that creates a patient: LGD codes are numbers, and unknown values null."""
    first, *others = person.name.split()
    code, display = GENDERS[person.gender]
    return {
        "abhaAddress": person.abha_address,
        "abhaNumber": person.abha_number,
        "age": person.age,
        "birthdate": person.birth_date.isoformat(),
        "displayName": person.name,
        "firstName": first,
        "middleName": " ".join(others[:-1]) or None,
        "lastName": others[-1] if others else "",
        "genderCode": code,
        "genderDisplay": display,
        "isBlock": False,
        "source": source,
        "lstPatientAddress": [_address(person)],
        "lstPatientContactDetail": [_contact(person)],
    }


def provider_login(settings: Settings, login: Login) -> str:
    """Sign in; return the access token. Raises GatewayError with a sentence."""
    model = _ask(settings, "/aus/api/ThirdPartyAuth/providerLogin", login_body(login, settings.source, _salt()))[1]
    return _text(model, "access_token")


def create_patient(settings: Settings, token: str, person: Person) -> str:
    """Create the patient; return the msgCode: 1 created, 43 or 78 exists. Raises GatewayError with a sentence."""
    body = patient_body(person, settings.source)
    return _ask(settings, "/ps/api/v1/Patient", body, token=token, also=THERE_ALREADY)[0]


def launch_address(settings: Settings, login: Login) -> str:
    """Request the URL at which the browser continues, signed in. Raises GatewayError with a sentence."""
    body = login_body(login, settings.source, _salt())
    model = _ask(settings, "/aus/api/ThirdPartyAuth/authenticateReference", body)[1]
    reference = _text(model, "referenceId")
    if not all(sign.isalnum() or sign in "-_." for sign in reference):
        raise GatewayError(_("e-Sanjeevani gave an answer that we do not understand."), permanent=True)
    return f"{settings.launch_url}{SIGN_IN}{reference}"


def _ask(
    settings: Settings, path: str, body: dict[str, Any], *, token: str = "", also: tuple[str, ...] = ()
) -> tuple[str, Any]:
    """Call once; return (msgCode, model). Raises GatewayError with the other side's message."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = outbound.call("POST", settings.sanjeevani_url + path, seconds=SECONDS, headers=headers, json=body)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise GatewayError(_("e-Sanjeevani does not answer. Please try again in a few minutes.")) from error
    said = json_text.read_object(answer.body)
    code = str(said.get("msgCode", ""))
    if not answer.is_success or code not in (DONE, *also):
        words = str(said.get("message", "")) or str(answer.status)
        text = _("e-Sanjeevani refused (%(code)s): %(words)s", code=code or answer.status, words=words[:100])
        raise GatewayError(text, permanent=answer.status < 500)
    return code, said.get("model")


def _text(model: Any, name: str) -> str:
    value = model.get(name) if isinstance(model, dict) else None
    if not isinstance(value, str) or not value:
        raise GatewayError(_("e-Sanjeevani gave an answer that we do not understand."), permanent=True)
    return value


def _salt() -> str:
    return f"{secrets.randbelow(900_000) + 100_000}"


def _address(person: Person) -> dict[str, str | int | None]:
    place = person.place
    return {
        "addressLine1": person.address,
        "addressType": "Physical",
        "addressUse": "Work",
        "blockCode": UNKNOWN_BLOCK,
        "blockDisplay": None,
        "cityCode": int(place.code),
        "cityDisplay": place.name,
        "countryCode": "1",
        "countryDisplay": "India",
        "districtCode": int(place.district_code),
        "districtDisplay": place.district,
        "postalCode": person.postal_code,
        "stateCode": int(place.state_code),
        "stateDisplay": place.state,
    }


def _contact(person: Person) -> dict[str, Any]:
    return {
        "contactPointStatus": True,
        "contactPointType": "Phone",
        "contactPointUse": "Work",
        "contactPointValue": person.mobile.removeprefix("+91"),
    }
