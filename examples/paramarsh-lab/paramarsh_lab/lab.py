"""The laboratory: orders to it, reports from it. Every request is signed; each failure is one that the portal knows."""

import hashlib
import hmac
import json
from typing import Any

from portal.api import clock, outbound
from portal.api.storage import write
from portal.contracts import BridgeReceipt, GatewayError, OrderRecord, OutsideRecord

from .models import LabOrder
from .settings import LabSettings

LOINC = "http://loinc.org"
REPORT_BYTES = 10 * 1024 * 1024


def send(order: OrderRecord, settings: LabSettings) -> BridgeReceipt:
    """Send an order, or take it back. Idempotent: the laboratory knows it by its uid. Raises GatewayError."""
    lines = [_line(text, settings) for text in order.lines]
    told = {
        "order": order.uid,
        "prescription": order.number,
        "cancelled": order.cancelled,
        "patient": {
            "name": order.patient.name,
            "gender": order.patient.gender,
            "birth_date": order.patient.birth_date.isoformat(),
            "id": order.patient.patient_id,
        },
        "doctor": {"name": order.doctor.name, "registration": order.doctor.registration_number},
        "centre": order.centre_code,
        "lines": lines,
    }
    _answered("POST", f"{settings.url}/orders", json.dumps(told).encode(), settings)
    row = {
        "visit_uid": order.visit_uid,
        "patient_uid": order.patient_uid,
        "tests": len(lines),
        "coded": sum("code" in line for line in lines),
        "state": "cancelled" if order.cancelled else "sent",
        "sent_at": clock.now(),
    }
    with write():
        if not LabOrder.select().where(LabOrder.uid == order.uid).exists():
            LabOrder.create(uid=order.uid, **row)
        elif order.cancelled:
            LabOrder.update(state="cancelled").where(LabOrder.uid == order.uid).execute()
    return BridgeReceipt(order.uid, "sent")


def reports(visit_uid: str, settings: LabSettings) -> list[OutsideRecord]:
    """Fetch the reports of a visit that are ready. Raises GatewayError."""
    ready = LabOrder.select().where((LabOrder.visit_uid == visit_uid) & LabOrder.has_report)
    return [_report(row, settings) for row in ready.order_by(LabOrder.id)]


def check(settings: LabSettings) -> None:
    """Check that the laboratory answers at all. Raises GatewayError."""
    _sent("GET", settings.url, b"", settings)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a request: HMAC-SHA256 of `timestamp.body`, in hex."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _line(text: str, settings: LabSettings) -> dict[str, str]:
    code = settings.codes.get(text.lower().rstrip(".").strip())
    return {"text": text} | ({"system": LOINC, "code": code} if code else {})


def _report(row: LabOrder, settings: LabSettings) -> OutsideRecord:
    answer = _answered("GET", f"{settings.url}/reports/{row.uid}", b"", settings)
    return OutsideRecord(reference=row.uid, title="laboratory.pdf", content=answer.body)


def _answered(method: str, url: str, body: bytes, settings: LabSettings) -> outbound.Answer:
    answer = _sent(method, url, body, settings)
    if not answer.is_success or not answer.is_whole:
        raise GatewayError(f"The laboratory answers {answer.status}.", permanent=400 <= answer.status < 429)
    return answer


def _sent(method: str, url: str, body: bytes, settings: LabSettings) -> outbound.Answer:
    stamp = str(int(clock.now().timestamp()))
    signed: dict[str, Any] = {
        "X-Timestamp": stamp,
        "X-Signature": signature(settings.secret.get_secret_value(), stamp, body),
        "Content-Type": "application/json",
    }
    try:
        return outbound.call(
            method, url, seconds=settings.seconds, max_bytes=REPORT_BYTES, headers=signed, content=body or None
        )
    except (outbound.Unreachable, outbound.NoAnswer) as error:  # a repeated order changes nothing
        raise GatewayError("The laboratory does not answer.") from error
