"""Kannel's sendsms: the way to an operator by SMPP, with delivery reports by callback."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from urllib.parse import quote

from portal.api.clock import now
from portal.api.messages import segments
from portal.api.outbound import Answer
from portal.contracts import GatewayError, Message, Report

from . import addresses
from .drivers import Driver, Sick, Taken, ask, national, words
from .settings import SmsSettings

ACCEPTED, BAD_REQUEST, FORBIDDEN = 202, 400, 403
# Delivered, undeliverable, accepted and refused by the operator's centre; not 4, "waits in the centre's queue".
DLR_MASK = 1 + 2 + 8 + 16
NEWS = {"1": "delivered", "2": "failed", "8": "sent", "16": "failed"}


def send(message: Message, settings: SmsSettings) -> Taken:
    """Hand one text to Kannel. Its 202 means little: only a report says that the operator has it."""
    answer = ask("GET", settings.kannel_url, params=fields(message, settings))
    if answer.status == ACCEPTED and answer.text.startswith("0:"):
        return Taken("")
    if answer.status == ACCEPTED and answer.text.startswith("3:"):  # its way to the operator is down: it keeps the text
        return Taken("", is_well=False)
    if answer.status == BAD_REQUEST:
        raise GatewayError(f"Kannel refused the text: {words(answer)}", permanent=True)
    raise Sick(f"Kannel answered {answer.status}: {words(answer)}")


def fields(message: Message, settings: SmsSettings) -> dict[str, str]:
    """The request. `validity` keeps a late text from being delivered: an OTP above all."""
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
    """What a delivery report means; None for one that is not asked for."""
    state = NEWS.get(values.get("type", ""))
    if state is None:
        return None
    said = values.get("said", "")[:100] if state == "failed" else ""
    return Report(state, values.get("id", "")[:80], said)  # type: ignore[arg-type]


def probe(settings: SmsSettings) -> None:
    """A request without a number: Kannel lets us in and misses the number. Raises Sick when it does not."""
    user = {"username": settings.kannel_username, "password": settings.kannel_password.get_secret_value()}
    answer: Answer = ask("GET", settings.kannel_url, params=user)
    if answer.status != BAD_REQUEST:
        raise Sick(f"Kannel answered {answer.status}: {words(answer)}")


def _dlt(message: Message, settings: SmsSettings) -> str:
    """The operators' ids as optional SMPP fields, by the names that Kannel's configuration gives them."""
    ids = {settings.kannel_tlv_entity: message.dlt_entity, settings.kannel_tlv_template: message.dlt_template}
    known = "".join(f"{name}={quote(value)}&" for name, value in ids.items() if name and value)
    return f"?smpp?{known}" if known else ""


KANNEL = Driver(send, probe, read=read)
