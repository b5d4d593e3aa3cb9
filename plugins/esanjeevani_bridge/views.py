"""The patient's own copy of a visit's documents, and the webhook."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.api import plugin
from portal.api.base import NotFound, PortalError
from portal.api.clock import now
from portal.api.documents import issued_to, record_of
from portal.api.storage import write
from portal.api.web import actor, allow, body_within, csrf, json_answer, page, read_json, send_bytes, signed_in
from portal.api.work import note

from . import inbox, outbox, webhook
from .fhir import updates
from .fhir.draft import JSON
from .fhir.outcomes import refusal
from .models import Incoming
from .settings import NAME, Settings

bp = Blueprint(NAME, __name__, template_folder="templates")


@bp.get("/documents/<uid>")
@allow("beneficiary")
def documents(uid: str) -> ResponseReturnValue:
    """List the documents of an own visit, for download."""
    issued = issued_to(signed_in().uid, uid)
    return page("esanjeevani_bridge/documents.html", "documents", issued=issued, uid=uid)


@bp.get("/documents/<uid>/<kind>.json")
@allow("beneficiary")
def download(uid: str, kind: str) -> Response:
    """Download one as FHIR JSON."""
    issued_to(signed_in().uid, uid)
    if kind not in outbox.KINDS:
        raise NotFound
    record = record_of(uid, by=actor(), now=now())
    note("DocumentDownloaded", uid, by=actor(), now=now(), kind=kind)
    text = outbox.as_text(record, kind)
    return send_bytes(text.encode(), JSON, f"{record.number}-{kind}.json")


@bp.post("/webhook")
@allow("machine")
def take() -> ResponseReturnValue:
    """Receive an update by webhook: signed, recent, idempotent. Every refusal is an OperationOutcome."""
    try:
        row, payload = _taken()
    except PortalError as error:
        answer = refusal(error.status, error.message)
        if error.retry_after:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    if inbox.is_malformed(row):
        return refusal(422, row.reason, row.uid, updates.problems(payload))
    return json_answer({"uid": row.uid, "state": row.state, "reason": row.reason}, 202)


def _taken() -> tuple[Incoming, object]:
    """Verify the call and store what it brings: its signature is spent only with that, as the sender calls again."""
    body = body_within(webhook.LARGEST)
    secret = plugin.settings(NAME, Settings).webhook_secret.get_secret_value()
    timestamp, signature = request.headers.get(webhook.TIMESTAMP, ""), request.headers.get(webhook.SIGNATURE, "")
    if not webhook.is_genuine(secret, timestamp, signature, body, now=now()):
        raise webhook.NotSigned("not signed")
    webhook.count_call(now=now())
    payload = read_json(body)
    with write():
        webhook.spend(signature, now=now())
        return inbox.receive(payload, "webhook", now=now()), payload


csrf.exempt(take)  # a webhook has no session: its signature authenticates it
