"""Sending by the chosen driver."""

import json
import os
from datetime import UTC
from pathlib import Path

from portal.contracts import GatewayError, HealthCheck, Message, Receipt
from portal.core.clock import now
from portal.plugins import registry


def send(message: Message) -> Receipt:
    """Write one line to the outbox file, whole and on disk. Raises GatewayError outside a demonstration."""
    require_demo()
    line = {
        "uid": message.uid,
        "to": message.to,
        "template": message.template,
        "lang": message.language,
        "text": message.text,
        "at": now().astimezone(UTC).isoformat(),
    }
    try:
        _append(outbox_file(), json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise GatewayError(f"the outbox cannot be written: {error.strerror}") from error
    return Receipt(message.uid, "delivered")


def health_checks() -> list[HealthCheck]:
    """The outbox may be used and can be written."""
    return [HealthCheck("outbox", _probe)]


def outbox_file() -> Path:
    """Where the driver writes."""
    return registry().config.data_dir / "outbox" / "sms.jsonl"


def require_demo() -> None:
    """Raise GatewayError unless this is a demonstration: real messages do not belong in a file."""
    if not registry().config.demo:
        raise GatewayError("the driver outbox works in demonstrations only", permanent=True)


def _probe() -> None:
    require_demo()
    outbox_file().parent.mkdir(parents=True, exist_ok=True)


def _append(path: Path, line: str) -> None:
    """One write to a file opened for appending: lines of several processes never mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
