"""Interface of a driver, and HTTP requests to gateways."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal

from portal.api import outbound
from portal.api.outbound import Answer, NoAnswer, Unreachable
from portal.contracts import GatewayError, Message, Report, SentMessage

from .settings import SmsSettings

SECONDS = 8.0
FAULT_STATUSES = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS}


class GatewayFault(GatewayError):
    """The gateway failed, not the text: the next driver may succeed, and the breaker counts it."""


@dataclass(frozen=True)
class Accepted:
    """The gateway accepted the text. `is_healthy` is False when it only stored it, as its operator is away."""

    reference: str
    state: Literal["accepted", "sent", "delivered"] = "accepted"
    ask_at: datetime | None = None
    is_healthy: bool = True


def _cannot_ask(message: SentMessage, settings: SmsSettings, now: datetime) -> None:
    return None


def _no_callback(values: Mapping[str, str], settings: SmsSettings) -> None:
    return None


def _no_balance(settings: SmsSettings) -> None:
    return None


@dataclass(frozen=True)
class Driver:
    """One way to send. `probe` raises when it cannot work; `report` polls for the state of a text; `read` parses a
    delivery report; `balance` asks for the balance, where the gateway has an API for it."""

    send: Callable[[Message, SmsSettings], Accepted]
    probe: Callable[[SmsSettings], None]
    report: Callable[[SentMessage, SmsSettings, datetime], Report | None] = _cannot_ask
    read: Callable[[Mapping[str, str], SmsSettings], Report | None] = _no_callback
    balance: Callable[[SmsSettings], float | None] = _no_balance


def ask(method: str, url: str, **request: Any) -> Answer:
    """Send a request to a gateway. Raises GatewayFault, `unknown` when it may have taken effect."""
    try:
        answer = outbound.call(method, url, seconds=SECONDS, **request)
    except Unreachable as error:
        raise GatewayFault(f"the gateway cannot be reached: {error}") from error
    except NoAnswer as error:
        raise GatewayFault("the gateway did not answer", unknown=True) from error
    if answer.status in FAULT_STATUSES or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise GatewayFault(f"the gateway answered {answer.status}: {excerpt(answer)}")
    if not answer.is_whole:
        is_cut_off = len(answer.body) < outbound.MAX_BYTES
        raise GatewayFault("the gateway's answer has no end", unknown=is_cut_off)
    return answer


def reach(url: str) -> None:
    """Check that the server responds. Raises GatewayFault."""
    try:
        outbound.call("GET", url, seconds=SECONDS)
    except (Unreachable, NoAnswer) as error:
        raise GatewayFault(f"the gateway cannot be reached: {error}") from error


def excerpt(answer: Answer) -> str:
    """Excerpt a response for people: one line, without long numbers, as it may repeat the text."""
    line = "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in answer.text[:400])
    return re.sub(r"\d{4,}", "…", " ".join(line.split()))[:120]


def national(mobile: str) -> str:
    """Return the ten digits of +91…"""
    return mobile[-10:]


def next_poll(sent_at: datetime, now: datetime) -> datetime:
    """Schedule the next poll for a text's state, with back-off by its age."""
    age = now - sent_at
    minutes = 1 if age < timedelta(minutes=10) else 5 if age < timedelta(hours=1) else 60
    return now + timedelta(minutes=minutes)
