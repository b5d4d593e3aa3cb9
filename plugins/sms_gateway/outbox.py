"""The driver of demonstrations: texts go to a file, one line each."""

import errno
import fcntl
import json
import os
from pathlib import Path

from portal.api import plugin
from portal.api.clock import now
from portal.contracts import GatewayError, Message

from .drivers import Driver, Taken
from .settings import SmsSettings


def send(message: Message, settings: SmsSettings) -> Taken:
    """Write one line to the outbox file, whole and on disk. Raises GatewayError when the disk does not take it."""
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
    return Taken(message.uid, "delivered")


def probe(settings: SmsSettings) -> None:
    """The file can be written."""
    outbox_file().parent.mkdir(parents=True, exist_ok=True)
    with open(outbox_file(), "ab", opener=_private):
        return


def outbox_file() -> Path:
    """Where the driver writes."""
    return plugin.data_folder() / "outbox" / "sms.jsonl"


def append(path: Path, line: bytes) -> None:
    """One line, whole or not at all, also when several processes write and when the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab", buffering=0, opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if file.write(line) != len(line):
            file.truncate(end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)


def _private(path: str, flags: int) -> int:
    """Nobody else on this machine reads the messages."""
    return os.open(path, flags, 0o600)


OUTBOX = Driver(send, probe)
