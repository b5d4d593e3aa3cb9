"""Any gateway that takes texts by HTTP: what it wants and how it answers is data."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from portal.api.clock import now
from portal.api.messages import segments
from portal.contracts import GatewayError, Message, Report, SentMessage

from . import addresses, fills
from .drivers import Driver, Sick, Taken, ask, national, next_look, reach, words
from .presets import Preset
from .settings import SmsSettings

FIRST_LOOK = timedelta(minutes=1)


def send(message: Message, settings: SmsSettings) -> Taken:
    """Hand one text over. Whatever is not known to mean accepted is a failure (F22)."""
    gateway: Preset = settings.preset
    values = _values(message, settings)
    answer = ask(gateway.method, fills.url(gateway.url, values), **_request(gateway, values))
    if gateway.accepted and re.search(gateway.accepted, answer.text):
        found = re.search(gateway.reference, answer.text) if gateway.reference else None
        reference = found[1] if found and found.groups() else ""
        can_ask = bool(gateway.report_url and (reference or "$uid" in gateway.report_url))
        return Taken(reference[:80], ask_at=now() + FIRST_LOOK if can_ask else None)
    refusal = f"the gateway answered {answer.status}: {words(answer)}"
    if gateway.never and re.search(gateway.never, answer.text):
        raise GatewayError(refusal, permanent=True)
    raise Sick(refusal)


def report(message: SentMessage, settings: SmsSettings, now: datetime) -> Report | None:
    """Ask by the gateway's number, or by ours where its address takes that."""
    gateway: Preset = settings.preset
    if not gateway.report_url or ("$reference" in gateway.report_url and not message.reference):
        return None
    values = _accounts(settings) | {"reference": message.reference, "uid": message.uid}
    answer = ask("GET", fills.url(gateway.report_url, values), headers=_headers(gateway, values))
    found = re.search(gateway.state, answer.text) if gateway.state else None
    said = found[1] if found and found.groups() else ""
    later = next_look(message.at, now)
    if not said:
        return Report("accepted", ask_at=later) if message.reference else None
    state = _state(gateway, said)
    return Report(state, error=said if state == "failed" else "", ask_at=later)


def read(values: Mapping[str, str], settings: SmsSettings) -> Report | None:
    """What a report means; None when it has no state."""
    gateway: Preset = settings.preset
    said = " ".join(_named(values, gateway.state_field))
    if not said:
        return None
    state = _state(gateway, said)
    reference = "".join(_named(values, gateway.reference_field)[:1])
    return Report(state, reference[:80], said[:100] if state == "failed" else "")


def _named(values: Mapping[str, str], names: str) -> list[str]:
    """What stands in these fields, where they came."""
    wanted = [names] if names in values else names.split()  # a name may hold a blank itself
    return [values[name] for name in wanted if values.get(name)]


def probe(settings: SmsSettings) -> None:
    """Somebody answers there."""
    parts = urlsplit(settings.preset.url)
    reach(f"{parts.scheme}://{parts.netloc}/")


def balance(settings: SmsSettings) -> float | None:
    """What is left, where the gateway tells. Raises Sick when its answer cannot be read."""
    gateway: Preset = settings.preset
    if not gateway.balance_url:
        return None
    values = _accounts(settings)
    answer = ask("GET", fills.url(gateway.balance_url, values), headers=_headers(gateway, values))
    found = re.search(gateway.balance, answer.text) if gateway.balance else None
    try:
        return float(found[1] if found else "")
    except (IndexError, ValueError) as error:
        raise Sick(f"the balance cannot be read: {words(answer)}") from error


def _state(gateway: Preset, said: str) -> Literal["sent", "delivered", "failed"]:
    if gateway.delivered and re.search(gateway.delivered, said, re.IGNORECASE):
        return "delivered"
    return "failed" if gateway.failed and re.search(gateway.failed, said, re.IGNORECASE) else "sent"


def _request(gateway: Preset, values: fills.Values) -> dict[str, Any]:
    request: dict[str, Any] = {"headers": _headers(gateway, values)}
    if gateway.format == "json":
        return request | {"json": fills.tree("\n".join(gateway.fields), values)}
    place = "params" if gateway.format == "query" else "data"
    return request | {place: fills.pairs(gateway.fields, "=", values)}


def _headers(gateway: Preset, values: fills.Values) -> dict[str, str]:
    return fills.pairs(gateway.headers, ":", values)


def _values(message: Message, settings: SmsSettings) -> dict[str, str]:
    gateway: Preset = settings.preset
    is_plain, is_otp = segments(message.text).encoding == "GSM-7", message.template == "otp"
    return _accounts(settings) | {
        "to": "91" + national(message.to),
        "e164": message.to,
        "mobile": national(message.to),
        "text": message.text,
        "header": message.dlt_header,
        "entity": message.dlt_entity,
        "template": message.dlt_template,
        "language": message.language,
        "uid": message.uid,
        "callback": addresses.callback("http", message.uid, message.attempt),
        "coding": _one_of(gateway.coding, first=is_plain),
        "kind": _one_of(gateway.kind, first=is_otp),
    }


def _accounts(settings: SmsSettings) -> dict[str, str]:
    secret = settings.http_secret.get_secret_value()
    known = {"account": settings.http_account or settings.http_user, "user": settings.http_user, "secret": secret}
    return dict.fromkeys(fills.NAMES, "") | known | {"basic": fills.basic(settings.http_user, secret)}


def _one_of(two_words: str, *, first: bool) -> str:
    both = two_words.split()
    return (both[0] if first else both[-1]) if both else ""


HTTP = Driver(send, probe, report, read, balance)
