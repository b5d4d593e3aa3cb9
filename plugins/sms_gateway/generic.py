"""Any gateway with an HTTP API: its requests and responses are described by data."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from portal.api.clock import now
from portal.api.messages import segments
from portal.contracts import GatewayError, Message, Report, SentMessage

from . import addresses, fills
from .drivers import Accepted, Driver, GatewayFault, ask, excerpt, national, next_poll, reach
from .presets import Preset
from .settings import SmsSettings

FIRST_POLL = timedelta(minutes=1)


def send(message: Message, settings: SmsSettings) -> Accepted:
    """Send one text. Any response that does not match `accepted` is a failure (F22)."""
    gateway: Preset = settings.preset
    values = _values(message, settings)
    answer = ask(gateway.method, fills.url(gateway.url, values), **_request(gateway, values))
    if gateway.accepted and re.search(gateway.accepted, answer.text):
        found = re.search(gateway.reference, answer.text) if gateway.reference else None
        reference = found[1] if found and found.groups() else ""
        can_ask = bool(gateway.report_url and (reference or "$uid" in gateway.report_url))
        return Accepted(reference[:80], ask_at=now() + FIRST_POLL if can_ask else None)
    refusal = f"the gateway answered {answer.status}: {excerpt(answer)}"
    if gateway.never and re.search(gateway.never, answer.text):
        raise GatewayError(refusal, permanent=True)
    raise GatewayFault(refusal)


def report(message: SentMessage, settings: SmsSettings, now: datetime) -> Report | None:
    """Poll by the gateway's reference, or by our uid where its URL takes that."""
    gateway: Preset = settings.preset
    if not gateway.report_url or ("$reference" in gateway.report_url and not message.reference):
        return None
    values = _accounts(settings) | {"reference": message.reference, "uid": message.uid}
    answer = ask("GET", fills.url(gateway.report_url, values), headers=_headers(gateway, values))
    found = re.search(gateway.state, answer.text) if gateway.state else None
    said = found[1] if found and found.groups() else ""
    later = next_poll(message.at, now)
    if not said:
        return Report("accepted", ask_at=later) if message.reference else None
    state = _state(gateway, said)
    return Report(state, error=said if state == "failed" else "", ask_at=later)


def read(values: Mapping[str, str], settings: SmsSettings) -> Report | None:
    """Parse a delivery report; None when it has no state."""
    gateway: Preset = settings.preset
    said = " ".join(_named(values, gateway.state_field))
    if not said:
        return None
    state = _state(gateway, said)
    reference = "".join(_named(values, gateway.reference_field)[:1])
    return Report(state, reference[:80], said[:100] if state == "failed" else "")


def _named(values: Mapping[str, str], names: str) -> list[str]:
    """Return the values of these fields, where present."""
    wanted = [names] if names in values else names.split()  # a name may contain a space
    return [values[name] for name in wanted if values.get(name)]


def probe(settings: SmsSettings) -> None:
    """Check that the server responds."""
    parts = urlsplit(settings.preset.url)
    reach(f"{parts.scheme}://{parts.netloc}/")


def balance(settings: SmsSettings) -> float | None:
    """Return the balance, where the gateway has an API for it. Raises GatewayFault when it cannot be parsed."""
    gateway: Preset = settings.preset
    if not gateway.balance_url:
        return None
    values = _accounts(settings)
    answer = ask("GET", fills.url(gateway.balance_url, values), headers=_headers(gateway, values))
    found = re.search(gateway.balance, answer.text) if gateway.balance else None
    try:
        return float(found[1] if found else "")
    except (IndexError, ValueError) as error:
        raise GatewayFault(f"the balance cannot be read: {excerpt(answer)}") from error


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
