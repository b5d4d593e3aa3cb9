"""Driver of demos: appends each text as a line to a file."""

import errno
import fcntl
import json
import os
from pathlib import Path

from portal.api import plugin
from portal.api.clock import now
from portal.contracts import GatewayError, Message

from .drivers import Accepted, Driver
from .settings import SmsSettings


def send(message: Message, settings: SmsSettings) -> Accepted:
    """Append one line to the outbox file, atomically and synced. Raises GatewayError when the write fails."""
    line = {
        "uid": message.uid,
        "to": message.to,
        "template": message.template,
        "lang": message.language,
        "text": message.text,
        "at": now().isoformat(),
    }
    try:
        append(outbox_file(), json.dumps(line, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise GatewayError(f"the outbox cannot be written: {error.strerror}") from error
    return Accepted(message.uid, "delivered")


def probe(settings: SmsSettings) -> None:
    """Check that the file is writable."""
    outbox_file().parent.mkdir(parents=True, exist_ok=True)
    with open(outbox_file(), "ab", opener=_private):
        return


def outbox_file() -> Path:
    """Return the driver's file."""
    return plugin.data_folder() / "outbox" / "sms.jsonl"


def append(path: Path, line: bytes) -> None:
    """Append one line, whole or not at all, also with concurrent processes and a full disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab", buffering=0, opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if file.write(line) != len(line):
            file.truncate(end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)


def _private(path: str, flags: int) -> int:
    """Open with mode 0600: nobody else on this machine reads the messages."""
    return os.open(path, flags, 0o600)


OUTBOX = Driver(send, probe)
