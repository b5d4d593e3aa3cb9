"""C-DAC Mobile Seva (MSDG), the gateway of government departments: signed requests, delivery reports by polling."""

import csv
import hashlib
import re
from datetime import datetime, timedelta

from portal.api.clock import now
from portal.contracts import GatewayError, Message, Report, SentMessage

from .drivers import Accepted, Driver, GatewayFault, ask, excerpt, national, next_poll, reach
from .settings import SmsSettings

TAKEN = re.compile(r"\s*402\s*,\s*MsgID\s*=\s*(\S+)", re.IGNORECASE)
FIRST_POLL = timedelta(minutes=1)
STATES = {"DELIVERED": "delivered", "SUBMITTED": "sent", "FAILEDBYTELCO": "failed"}


def send(message: Message, settings: SmsSettings) -> Accepted:
    """Send one text. Raises GatewayFault for every response but 402 with a reference."""
    if not message.dlt_header or not message.dlt_template:
        raise GatewayError("C-DAC needs the header and the DLT template id of this text", permanent=True)
    answer = ask("POST", settings.cdac_url, data=fields(message, settings))
    taken = TAKEN.match(answer.text)
    if taken is None:
        raise GatewayFault(f"C-DAC answered {answer.status}: {excerpt(answer)}")
    return Accepted(taken[1][:80], ask_at=now() + FIRST_POLL)


def fields(message: Message, settings: SmsSettings) -> dict[str, str]:
    """Build the form. The key is always computed over the encoded text, also where the raw one is sent."""
    is_plain, is_otp = message.text.isascii(), message.template == "otp"
    encoded = message.text.strip() if is_plain else encode(message.text.strip())
    is_raw = is_otp and settings.cdac_otp_raw
    secret = settings.cdac_key.get_secret_value()
    parts = (settings.cdac_username, message.dlt_header, encoded, secret)
    given = {
        "username": settings.cdac_username.strip(),
        "password": hashlib.sha1(settings.cdac_password.get_secret_value().strip().encode("iso-8859-1")).hexdigest(),  # noqa: S324 C-DAC wants it so
        "senderid": message.dlt_header.strip(),
        "content": message.text.strip() if is_raw else encoded,
        "smsservicetype": _service(is_plain=is_plain, is_otp=is_otp),
        "mobileno": national(message.to),
        "key": hashlib.sha512("".join(part.strip() for part in parts).encode("iso-8859-1")).hexdigest(),
        "templateid": message.dlt_template,
    }
    return given | ({"entityid": message.dlt_entity} if message.dlt_entity else {})


def encode(text: str) -> str:
    """Encode each UTF-16 unit as &#decimal; — beyond the basic plane a character takes two."""
    units = text.encode("utf-16-be")
    return "".join(f"&#{int.from_bytes(units[at : at + 2])};" for at in range(0, len(units), 2))


def report(message: SentMessage, settings: SmsSettings, now: datetime) -> Report | None:
    """Poll by C-DAC's reference; without one (no response came) it cannot be polled."""
    if not message.reference:
        return None
    asked = {
        "userid": settings.cdac_username,
        "password": settings.cdac_password.get_secret_value(),
        "msgid": message.reference,
        "pwd_encrypted": "false",
    }
    answer = ask("GET", settings.cdac_report_url, params=asked)
    later = next_poll(message.at, now)
    rows = [row for row in csv.reader(answer.text.splitlines()) if len(row) > 1]
    said = [row[1].strip().upper() for row in rows if row[0].strip().endswith(national(message.to))]
    state = STATES.get(said[-1]) if said else None
    if state is None:
        return Report("accepted", ask_at=later)
    return Report(state, error=said[-1] if state == "failed" else "", ask_at=later)  # type: ignore[arg-type]


def probe(settings: SmsSettings) -> None:
    """Check that the server responds; only a text shows whether the keys are right."""
    reach(settings.cdac_report_url)


def _service(*, is_plain: bool, is_otp: bool) -> str:
    if is_otp:
        return "otpmsg" if is_plain else "unicodeotpmsg"
    return "singlemsg" if is_plain else "unicodemsg"


CDAC = Driver(send, probe, report=report)
