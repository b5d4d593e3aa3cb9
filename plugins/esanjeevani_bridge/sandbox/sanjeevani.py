"""Sandbox of e-Sanjeevani's third-party interface: the three calls, for the bodies of both public clients."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from portal.api import json_text

from .clients import wrong_login, wrong_patient

USERS = {"dr.sandbox": "sandbox-password"}
MADE, WRONG_LOGIN, WRONG_PATIENT, ABHA_KNOWN, PROFILE_KNOWN = 1, 2, 3, 43, 78


@dataclass
class Sanjeevani:
    """Tokens, patients and references given out."""

    tokens: list[str] = field(default_factory=list)
    patients: list[dict[str, Any]] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes, environ: dict[str, Any]) -> tuple[int, Any]:
        """Answer one call of the interface."""
        calls = {
            "/aus/api/ThirdPartyAuth/providerLogin": self._login,
            "/aus/api/ThirdPartyAuth/authenticateReference": self._reference,
            "/ps/api/v1/Patient": self._patient,
        }
        if method != "POST" or path not in calls:
            return 404, _said(0, "not found")
        try:
            wanted = json_text.read(body)
        except ValueError:
            return 400, _said(0, "not JSON")
        return calls[path](wanted, str(environ.get("HTTP_AUTHORIZATION", "")))

    def _login(self, wanted: Any, authorization: str) -> tuple[int, Any]:
        if problem := _wrong_sign_in(wanted):
            return 200, _said(WRONG_LOGIN, problem)
        self.tokens.append(secrets.token_urlsafe(24))
        return 200, _said(MADE, "success", {"access_token": self.tokens[-1]})

    def _reference(self, wanted: Any, authorization: str) -> tuple[int, Any]:
        if problem := _wrong_sign_in(wanted):
            return 200, _said(WRONG_LOGIN, problem)
        self.references.append(secrets.token_hex(16))
        return 200, _said(MADE, "success", {"referenceId": self.references[-1]})

    def _patient(self, wanted: Any, authorization: str) -> tuple[int, Any]:
        if authorization.removeprefix("Bearer ") not in self.tokens:
            return 401, _said(0, "unauthorised")
        if problem := wrong_patient(wanted):
            return 200, _said(WRONG_PATIENT, problem)
        abha = wanted.get("abhaNumber")
        if abha and any(known.get("abhaNumber") == abha for known in self.patients):
            return 200, _said(ABHA_KNOWN, "ABHA number already registered")
        if any(_profile(known) == _profile(wanted) for known in self.patients):
            return 200, _said(PROFILE_KNOWN, "same profile already exists")
        self.patients.append(wanted)
        return 201, _said(MADE, "success", {"id": len(self.patients)})


def _wrong_sign_in(wanted: Any) -> str:
    if problem := wrong_login(wanted):
        return problem
    known = USERS.get(wanted["userName"], "")
    twice = _sha(_sha(known) + _sha(wanted["salt"]))
    return "" if known and wanted["password"] == twice else "wrong user name, password or source"


def _profile(patient: dict[str, Any]) -> tuple[object, ...]:
    contact = patient["lstPatientContactDetail"][0]["contactPointValue"]
    names = [patient.get(name) or "" for name in ("firstName", "middleName", "lastName")]
    return (*names, patient["birthdate"], contact)


def _said(code: int, message: str, model: Any = None) -> dict[str, Any]:
    """Build a response. `msgCode` is a number; AMRIT reads "exists already" as a success."""
    is_success = code in {MADE, ABHA_KNOWN, PROFILE_KNOWN}
    return {"success": is_success, "msgCode": code, "message": message, "model": model}


def _sha(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()
