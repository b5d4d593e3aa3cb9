"""A messenger

A plugin of a channel beside SMS, as its author would write it: templates with parameters, and a signed webhook.
"""

import hmac
import json

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.api import clock, json_text, messages, outbound
from portal.api.web import allow, body_within, csrf, json_answer
from portal.contracts import ChannelMessage, ChannelTemplate, GatewayError, MessageChannel, Receipt, Report
from portal.hookspecs import hookimpl
from tests.chat.peer import SECRET

ADDRESS = {"url": ""}  # of the peer: set by the tests
TEMPLATES = (
    ChannelTemplate("missed_call", "en", "missed_call_v1", ("token",)),
    ChannelTemplate("token", "hi", "token_hi_v2", ("number", "token")),
    ChannelTemplate("otp", "en", "otp_v1", ("code",)),
    ChannelTemplate("your_turn", "en", "wrong", ("surname",)),
)
bp = Blueprint("chat", __name__)


@hookimpl
def message_channels() -> list[MessageChannel]:
    return [MessageChannel("messenger", "Messenger", TEMPLATES, "Needs the Messenger app.", seconds=20)]


@hookimpl
def send_by_channel(message: ChannelMessage) -> Receipt:
    told = {"uid": message.uid, "to": message.to, "template": message.template, "values": message.values}
    try:
        answer = outbound.call("POST", ADDRESS["url"], seconds=1, content=json.dumps(told).encode())
    except outbound.NoAnswer as error:
        raise GatewayError("The messenger went silent.", unknown=True) from error
    if not answer.is_success:
        raise GatewayError(f"The messenger answers {answer.status}.", permanent=True)
    return Receipt(str(json_text.read_object(answer.body)["id"]))


@hookimpl
def blueprint() -> Blueprint:
    return bp


@bp.post("/reports")
@allow("machine")
def take() -> ResponseReturnValue:
    """Take a delivery report; its signature authenticates it."""
    body = body_within(4096)
    right = hmac.new(SECRET, body, "sha256").hexdigest()
    if not hmac.compare_digest(right.encode(), request.headers.get("X-Signature", "").encode()):
        return json_answer({"error": "not signed"}, 401)
    told = json_text.read_object(body)
    messages.report(told["uid"], 1, "chat/messenger", Report(told["state"]), now=clock.now())
    return json_answer({}, 202)


csrf.exempt(take)
