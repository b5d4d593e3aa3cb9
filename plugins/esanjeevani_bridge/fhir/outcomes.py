"""OperationOutcome of a refused call, which names the field (FHIR R4)."""

import json
from typing import Any

from flask import Response

from .draft import JSON
from .updates import Breach

# Our HTTP status in FHIR's own codes (http://hl7.org/fhir/issue-type).
CODES = {
    400: "structure",
    401: "login",
    409: "duplicate",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
}
MOST = 20  # fields that are named
WORDS = {
    "required": "is missing",
    "not-supported": "is not taken here",
    "structure": "has another shape",
    "code-invalid": "has a value that is not taken here",
    "value": "has a value that is not allowed",
}


def refusal(status: int, text: str, uid: str = "", fields: list[Breach] | None = None) -> Response:
    """Build the response to a refused call; `uid` is the number under which it is stored nevertheless."""
    code = CODES.get(status, "exception")
    issues = [_issue(one.kind, f"{one.path} {WORDS[one.kind]}", one.path) for one in (fields or [])[:MOST]]
    outcome = {"resourceType": "OperationOutcome", "issue": issues or [_issue(code, text)]}
    return Response(json.dumps({"id": uid, **outcome} if uid else outcome, ensure_ascii=False), status, mimetype=JSON)


def _issue(code: str, text: str, path: str = "") -> dict[str, Any]:
    said = {"severity": "error", "code": code, "diagnostics": text}
    return said | ({"expression": [path]} if path else {})
