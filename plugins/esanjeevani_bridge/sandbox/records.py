"""Sandbox of a health-record system: accepts documents, issues tokens, returns referrals and outcomes."""

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs

from portal.api import json_text

Check = Callable[[dict[str, Any]], Sequence["Breach"]]
CLIENT, SECRET = "sandbox", "sandbox-secret"
CAPABILITIES = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "software": {"name": "Stand-in for demonstrations and tests"},
}


class Breach(Protocol):
    """A violation that a check finds."""

    @property
    def where(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass
class Records:
    """Documents by identifier, in the order in which they came, what was dispensed, and the updates to be polled."""

    check: Check
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    dispensed: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    repeated: int = 0

    def answer(self, method: str, path: str, body: bytes, environ: dict[str, Any]) -> tuple[int, Any]:
        """Answer one call."""
        if path == "/token":
            return self._token(environ, body)
        if environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ") not in self.tokens:
            return 401, _outcome("login", "no valid token")
        if (method, path) == ("GET", "/fhir/metadata"):
            return 200, CAPABILITIES
        if (method, path) == ("POST", "/fhir/Bundle"):
            return self._take(body, environ)
        if (method, path) == ("POST", "/fhir"):
            return self._transact(body, environ)
        if method == "GET" and path in ("/fhir/ServiceRequest", "/fhir/Task"):
            return 200, self._search(path.removeprefix("/fhir/"), parse_qs(environ.get("QUERY_STRING", "")))
        return 404, _outcome("not-found", path)

    def ledger(self) -> dict[str, Any]:
        """Return (identifier, version, patient) of documents, (number, status) of what was dispensed, duplicates."""
        given = [[one["identifier"][0]["value"], one["status"]] for one in self.dispensed.values()]
        documents = [_facts(one) for one in self.documents.values()]
        return {"documents": documents, "dispensed": given, "repeated": self.repeated}

    def _token(self, environ: dict[str, Any], body: bytes) -> tuple[int, Any]:
        wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = parse_qs(body.decode())
        if environ.get("HTTP_AUTHORIZATION") != wanted or form.get("grant_type") != ["client_credentials"]:
            return 401, {"error": "invalid_client"}
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 300}

    def _read(self, body: bytes, environ: dict[str, Any], kind: str) -> tuple[int, Any]:
        """Read and validate a Bundle of a type: 200 and the Bundle, or the refusal."""
        if not environ.get("CONTENT_TYPE", "").startswith("application/fhir+json"):
            return 415, _outcome("not-supported", "application/fhir+json is wanted")
        try:
            bundle = json_text.read(body)
        except ValueError:
            return 400, _outcome("structure", "not JSON")
        if not isinstance(bundle, dict) or bundle.get("type") != kind:
            return 422, _outcome("invariant", f"Bundle.type: must be {kind}")
        if found := self.check(bundle):
            return 422, _outcome("invariant", f"{found[0].where}: {found[0].text}")
        return 200, bundle

    def _transact(self, body: bytes, environ: dict[str, Any]) -> tuple[int, Any]:
        status, bundle = self._read(body, environ, "transaction")
        if status != 200:
            return status, bundle
        made = []
        for entry in bundle["entry"]:
            is_known = entry["request"]["url"] in self.dispensed
            self.dispensed[entry["request"]["url"]] = entry["resource"]
            made.append({"response": {"status": "200 OK" if is_known else "201 Created"}})
        return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": made}

    def _take(self, body: bytes, environ: dict[str, Any]) -> tuple[int, Any]:
        status, bundle = self._read(body, environ, "document")
        if status != 200:
            return status, bundle
        number = f"{bundle['identifier']['system']}|{bundle['identifier']['value']}"
        if number not in self.documents:
            self.documents[number] = bundle
            return 201, {"resourceType": "Bundle", "id": str(len(self.documents))}
        self.repeated += 1
        if environ.get("HTTP_IF_NONE_EXIST") != f"identifier={number}" or self.documents[number] != bundle:
            return 409, _outcome("duplicate", "this number is another document's")
        return 200, {"resourceType": "Bundle", "id": str(list(self.documents).index(number) + 1)}

    def _search(self, kind: str, query: dict[str, list[str]]) -> dict[str, Any]:
        since = query.get("_lastUpdated", ["ge"])[0].removeprefix("ge")
        found = [one for one in self.updates if one.get("resourceType") == kind and _is_since(one, since)]
        return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in found]}


def _is_since(resource: dict[str, Any], since: str) -> bool:
    return str(resource.get("meta", {}).get("lastUpdated", "")) >= since


def _facts(bundle: dict[str, Any]) -> list[str]:
    patient = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    return [bundle["identifier"]["value"], bundle["meta"]["versionId"], patient["identifier"][0]["value"]]


def _outcome(code: str, text: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": text}]}
