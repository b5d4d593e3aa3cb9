"""What a driver is, and how drivers ask gateways."""

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
SICK = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS}


class Sick(GatewayError):
    """The gateway itself is at fault, not the text: another driver may do better, and this one may need a rest."""


@dataclass(frozen=True)
class Taken:
    """The gateway took the text. `is_well` is False when it said that it could not pass it on for now."""

    reference: str
    state: Literal["accepted", "sent", "delivered"] = "accepted"
    ask_at: datetime | None = None
    is_well: bool = True


def _cannot_ask(message: SentMessage, settings: SmsSettings, now: datetime) -> None:
    return None


def _no_callback(values: Mapping[str, str], settings: SmsSettings) -> None:
    return None


def _no_balance(settings: SmsSettings) -> None:
    return None


@dataclass(frozen=True)
class Driver:
    """One way to send. `probe` raises when it cannot work; `report` asks what became of a text; `read` understands
    what the gateway reports of itself; `balance` is what is left, where the gateway tells that."""

    send: Callable[[Message, SmsSettings], Taken]
    probe: Callable[[SmsSettings], None]
    report: Callable[[SentMessage, SmsSettings, datetime], Report | None] = _cannot_ask
    read: Callable[[Mapping[str, str], SmsSettings], Report | None] = _no_callback
    balance: Callable[[SmsSettings], float | None] = _no_balance


def ask(method: str, url: str, **request: Any) -> Answer:
    """Ask a gateway. Raises Sick, with `unknown` when it may have done what it was asked."""
    try:
        answer = outbound.call(method, url, seconds=SECONDS, **request)
    except Unreachable as error:
        raise Sick(f"the gateway cannot be reached: {error}") from error
    except NoAnswer as error:
        raise Sick("the gateway did not answer", unknown=True) from error
    if answer.status in SICK or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Sick(f"the gateway answered {answer.status}: {words(answer)}")
    if not answer.is_whole:
        is_cut_off = len(answer.body) < outbound.MAX_BYTES
        raise Sick("the gateway's answer has no end", unknown=is_cut_off)
    return answer


def reach(url: str) -> None:
    """Does anybody answer there? Raises Sick."""
    try:
        outbound.call("GET", url, seconds=SECONDS)
    except (Unreachable, NoAnswer) as error:
        raise Sick(f"the gateway cannot be reached: {error}") from error


def words(answer: Answer) -> str:
    """The beginning of an answer, for people: on one line, and without long numbers, as it may repeat the text."""
    line = "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in answer.text[:400])
    return re.sub(r"\d{4,}", "…", " ".join(line.split()))[:120]


def national(mobile: str) -> str:
    """The ten digits of +91…"""
    return mobile[-10:]


def next_look(sent_at: datetime, now: datetime) -> datetime:
    """When to ask again what became of a text: often while it is young."""
    age = now - sent_at
    minutes = 1 if age < timedelta(minutes=10) else 5 if age < timedelta(hours=1) else 60
    return now + timedelta(minutes=minutes)
