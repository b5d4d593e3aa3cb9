"""The patient's own copy of a visit's documents, and the webhook for updates."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import NotFound, PortalError
from portal.core.accounts.here import account
from portal.core.prescriptions import exchange
from portal.core.prescriptions.services import open_for_account
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.incoming.json_bodies import body_within
from portal.web.pages import json_answer, page, send_bytes
from portal.web.security import csrf
from portal.work import audit

from . import documents as papers
from . import inbox, updates, webhook
from .endpoint import JSON
from .outcomes import refusal
from .settings import NAME

bp = Blueprint(NAME, __name__, template_folder="templates")


@bp.get("/documents/<uid>")
@allow("beneficiary")
def documents(uid: str) -> ResponseReturnValue:
    """The documents of an own visit, to be downloaded."""
    issued = open_for_account(account(), uid)
    return page("esanjeevani_bridge/documents.html", "documents", issued=issued, uid=uid)


@bp.get("/documents/<uid>/<kind>.json")
@allow("beneficiary")
def download(uid: str, kind: str) -> Response:
    """One of them, as FHIR JSON."""
    open_for_account(account(), uid)
    if kind not in papers.KINDS:
        raise NotFound
    record = exchange.record_of(uid, by=actor(), now=now())
    audit.note("DocumentDownloaded", uid, by=actor(), now=now(), kind=kind)
    text = papers.as_text(record, kind)
    return send_bytes(text.encode(), JSON, f"{record.number}-{kind}.json")


@bp.post("/webhook")
@allow("machine")
def take() -> ResponseReturnValue:
    """An update from outside: signed, fresh, once. Every refusal is an OperationOutcome."""
    try:
        payload = _admitted()
    except PortalError as error:
        answer = refusal(error.status, error.message)
        if error.retry_after:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    row = inbox.take(payload, "webhook", now=now())
    if inbox.is_malformed(row):
        return refusal(422, row.reason, row.uid, updates.problems(payload))
    return json_answer({"uid": row.uid, "state": row.state, "reason": row.reason}, 202)


def _admitted() -> object:
    """What a genuine call holds."""
    body = body_within(webhook.LARGEST)
    secret = registry().settings(NAME).webhook_secret.get_secret_value()
    timestamp, signature = request.headers.get(webhook.TIMESTAMP, ""), request.headers.get(webhook.SIGNATURE, "")
    if not webhook.is_genuine(secret, timestamp, signature, body, now=now()):
        raise webhook.NotSigned("not signed")
    return webhook.admit(signature, body, now=now())


csrf.exempt(take)  # a machine has no form of ours: its signature is the proof
