"""Client of the FHIR endpoint: posts documents, polls for updates; with OAuth2 client credentials where required."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.api import clock, json_text, outbound
from portal.contracts import GatewayError

from .fhir.draft import JSON, Bundle
from .settings import Settings

SECONDS = 15
LARGEST = 4 * 1024 * 1024
DOWN = frozenset({401, 403, 404, 408, 429, 503})
EARLY = timedelta(seconds=30)  # tokens are renewed before they expire


class EndpointDown(GatewayError):
    """The endpoint is down: no document is at fault."""


@dataclass(frozen=True)
class _Token:
    """A cached access token and when it expires."""

    text: str
    ends_at: datetime


_tokens: dict[tuple[str, str], _Token] = {}


def post(settings: Settings, bundle: Bundle) -> str:
    """Post a document; return its URL there. Idempotent (If-None-Exist).

    Raises EndpointDown when the endpoint is down, GatewayError when this document is refused (permanent) or fails.
    """
    number = bundle["identifier"]
    once = {"If-None-Exist": f"identifier={number['system']}|{number['value']}"}
    body = json.dumps(bundle, ensure_ascii=False).encode()
    answer = _ask("POST", settings, f"{settings.fhir_url}/Bundle", headers=once, content=body)
    stored = json_text.read_object(answer.body).get("id", "")
    return f"Bundle/{stored}"[:200] if isinstance(stored, str) else "Bundle"


def transact(settings: Settings, bundle: Bundle) -> str:
    """Post a transaction; return the address of its first resource. Idempotent: each resource is put under its own id.

    Raises EndpointDown when the endpoint is down, GatewayError when this one is refused (permanent) or fails. An
    endpoint that knows no transactions, or allows none, refuses this one; its documents go on.
    """
    down = DOWN - {403, 404}
    answer = _ask(
        "POST", settings, settings.fhir_url, down=down, content=json.dumps(bundle, ensure_ascii=False).encode()
    )
    entries = json_text.read_object(answer.body).get("entry")
    statuses = [_status(one) for one in entries] if isinstance(entries, list) else []
    if len(statuses) != len(bundle["entry"]) or not all(status.startswith("2") for status in statuses):
        raise GatewayError(f"the transaction was answered {', '.join(statuses)[:100]}", permanent=True)
    return str(bundle["entry"][0]["request"]["url"])[:200]


def _status(entry: object) -> str:
    """Read the status of an entry of a transaction's answer; "" when it has none."""
    response = entry.get("response") if isinstance(entry, dict) else None
    return str(response.get("status", "")) if isinstance(response, dict) else ""


def updates(settings: Settings, kind: str, since: datetime | None) -> list[dict[str, Any]]:
    """Poll for resources of a kind (ServiceRequest, Task) that changed since. Raises GatewayError."""
    params = {"_sort": "_lastUpdated", "_count": "100"}
    if since:
        params["_lastUpdated"] = f"ge{since.isoformat()}"
    found = json_text.read_object(_ask("GET", settings, f"{settings.fhir_url}/{kind}", params=params).body)
    entries = found.get("entry", [])
    if found.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise GatewayError("the endpoint's answer is no Bundle", permanent=True)
    return [
        entry["resource"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    ]


def metadata(settings: Settings) -> None:
    """Check that the endpoint speaks FHIR R4. Raises GatewayError."""
    said = json_text.read_object(_ask("GET", settings, f"{settings.fhir_url}/metadata").body)
    if said.get("resourceType") != "CapabilityStatement" or not str(said.get("fhirVersion", "")).startswith("4.0"):
        raise GatewayError("the endpoint does not speak FHIR R4", permanent=True)


def _ask(method: str, settings: Settings, url: str, *, down: frozenset[int] = DOWN, **request: Any) -> outbound.Answer:
    """Send a request; with an expired token, retry once with a new one."""
    answer = _call(method, settings, url, **request)
    if answer.status == 401 and _key(settings) in _tokens:
        _tokens.pop(_key(settings), None)
        answer = _call(method, settings, url, **request)
    if answer.is_success:
        return answer
    if answer.status in down:
        raise EndpointDown(f"the endpoint answers {answer.status}")
    raise GatewayError(f"refused with {answer.status} {_why(answer.body)}".strip()[:200], permanent=answer.status < 500)


def _call(method: str, settings: Settings, url: str, **request: Any) -> outbound.Answer:
    headers = {"Accept": JSON, "Content-Type": JSON, **_authorization(settings), **request.pop("headers", {})}
    try:
        return outbound.call(method, url, seconds=SECONDS, max_bytes=LARGEST, headers=headers, **request)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise EndpointDown("the endpoint does not answer") from error


def _authorization(settings: Settings) -> dict[str, str]:
    if not settings.token_url:
        return {}
    kept = _tokens.get(_key(settings))
    if kept is None or kept.ends_at <= clock.now() + EARLY:
        kept = _tokens[_key(settings)] = _fetch_token(settings)
    return {"Authorization": f"Bearer {kept.text}"}


def _fetch_token(settings: Settings) -> _Token:
    """Fetch a token (RFC 6749, 4.4): client credentials in the Authorization header."""
    form = {"grant_type": "client_credentials"} | ({"scope": settings.scope} if settings.scope else {})
    secret = (settings.client_id, settings.client_secret.get_secret_value())
    try:
        answer = outbound.call("POST", settings.token_url, seconds=SECONDS, data=form, auth=secret)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        raise EndpointDown("the token address does not answer") from error
    said = json_text.read_object(answer.body)
    if not answer.is_success or not isinstance(said.get("access_token"), str):
        raise EndpointDown(f"no token: {answer.status} {said.get('error', '')}"[:100])
    seconds = said.get("expires_in", 60)
    life = timedelta(seconds=min(seconds, 86400) if isinstance(seconds, int) else 60)
    return _Token(said["access_token"], clock.now() + life)


def _key(settings: Settings) -> tuple[str, str]:
    return settings.token_url, settings.client_id


def _why(body: bytes) -> str:
    """Extract the first error of an OperationOutcome."""
    issues = [issue for issue in json_text.read_object(body).get("issue", []) if isinstance(issue, dict)]
    errors = [issue for issue in issues if issue.get("severity") in {"error", "fatal"}]
    for issue in errors or issues:
        return str(issue.get("diagnostics") or issue.get("details", {}).get("text") or issue.get("code", ""))
    return ""
