"""Kannel's sendsms: SMPP to an operator, with delivery reports by webhook."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from urllib.parse import quote

from portal.api.clock import now
from portal.api.messages import segments
from portal.api.outbound import Answer
from portal.contracts import GatewayError, Message, Report

from . import addresses
from .drivers import Accepted, Driver, GatewayFault, ask, excerpt, national
from .settings import SmsSettings

ACCEPTED, BAD_REQUEST, FORBIDDEN = 202, 400, 403
# SMSC delivered, undeliverable, accepted and rejected; not 4, "queued on the SMSC".
DLR_MASK = 1 + 2 + 8 + 16
STATES = {"1": "delivered", "2": "failed", "8": "sent", "16": "failed"}


def send(message: Message, settings: SmsSettings) -> Accepted:
    """Send one text to Kannel. Its 202 means little: only a delivery report says that the operator has it."""
    answer = ask("GET", settings.kannel_url, params=fields(message, settings))
    if answer.status == ACCEPTED and answer.text.startswith("0:"):
        return Accepted("")
    if answer.status == ACCEPTED and answer.text.startswith("3:"):  # its SMPP link is down, it queues the text
        return Accepted("", is_healthy=False)
    if answer.status == BAD_REQUEST:
        raise GatewayError(f"Kannel refused the text: {excerpt(answer)}", permanent=True)
    raise GatewayFault(f"Kannel answered {answer.status}: {excerpt(answer)}")


def fields(message: Message, settings: SmsSettings) -> dict[str, str]:
    """Build the request. With `validity` the operator drops an expired text: an OTP above all."""
    is_plain = segments(message.text).encoding == "GSM-7"
    minutes = ceil((message.expires_at - now()) / timedelta(minutes=1))
    given = {
        "username": settings.kannel_username,
        "password": settings.kannel_password.get_secret_value(),
        "from": message.dlt_header,
        "to": "91" + national(message.to),
        "text": message.text,
        "charset": "UTF-8",
        "coding": "0" if is_plain else "2",
        "priority": "3" if message.template == "otp" else "1",
        "validity": str(max(minutes, 1)),
        "smsc": settings.kannel_smsc,
        "meta-data": _dlt(message, settings),
        "dlr-mask": str(DLR_MASK),
        "dlr-url": addresses.callback("kannel", message.uid, message.attempt) + "?type=%d&id=%F&said=%A",
    }
    return {name: value for name, value in given.items() if value}


def read(values: Mapping[str, str], settings: SmsSettings) -> Report | None:
    """Parse a delivery report; None for a type that was not requested."""
    state = STATES.get(values.get("type", ""))
    if state is None:
        return None
    said = values.get("said", "")[:100] if state == "failed" else ""
    return Report(state, values.get("id", "")[:80], said)  # type: ignore[arg-type]


def probe(settings: SmsSettings) -> None:
    """Send a request without a mobile, which Kannel authenticates and then rejects. Raises GatewayFault otherwise."""
    user = {"username": settings.kannel_username, "password": settings.kannel_password.get_secret_value()}
    answer: Answer = ask("GET", settings.kannel_url, params=user)
    if answer.status != BAD_REQUEST:
        raise GatewayFault(f"Kannel answered {answer.status}: {excerpt(answer)}")


def _dlt(message: Message, settings: SmsSettings) -> str:
    """Format the DLT IDs as optional SMPP fields (TLV), by the names in Kannel's configuration."""
    ids = {settings.kannel_tlv_entity: message.dlt_entity, settings.kannel_tlv_template: message.dlt_template}
    known = "".join(f"{name}={quote(value)}&" for name, value in ids.items() if name and value)
    return f"?smpp?{known}" if known else ""


KANNEL = Driver(send, probe, read=read)
