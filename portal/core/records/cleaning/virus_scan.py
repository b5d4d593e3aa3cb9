"""Virus scan by ClamAV's daemon (clamd), where PORTAL_CLAMAV names one. Without its answer nothing is read."""

import socket
import struct

from portal.core.records.cleaning.outcome import Refused

CHUNK = 64 * 1024
SECONDS = 30.0  # of one read or write
LONGEST = 1024  # bytes of an answer
_address = ""


class NotScanned(RuntimeError):
    """Raised when the scanner cannot be reached or does not judge the file: not the file's fault."""


def install(address: str) -> None:
    """Set the scanner's address, `host:port` or its socket's path; empty: no scan (the application factory does)."""
    global _address
    _address = address


def is_on() -> bool:
    """Tell whether a scanner is configured."""
    return bool(_address)


def require_clean(content: bytes) -> None:
    """Let ClamAV judge a file. Raises Refused when it finds something, NotScanned without a judgement."""
    if not _address:
        return
    parts = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    stream = b"".join(struct.pack("!I", len(part)) + part for part in parts) + struct.pack("!I", 0)
    answer = _asked(b"zINSTREAM\0" + stream)
    if answer.endswith(" FOUND"):
        raise Refused("infected")
    if answer != "stream: OK":
        raise NotScanned(answer or "no answer")


def ping() -> None:
    """Raise NotScanned unless the scanner answers."""
    if (answer := _asked(b"zPING\0")) != "PONG":
        raise NotScanned(answer or "no answer")


def _asked(request: bytes) -> str:
    """Send one command and return the answer, which ends with a zero byte."""
    answer = b""
    try:
        with _connected() as scanner:
            scanner.sendall(request)
            while not answer.endswith(b"\0") and len(answer) < LONGEST and (part := scanner.recv(LONGEST)):
                answer += part
    except OSError as error:
        raise NotScanned(str(error) or type(error).__name__) from error
    return answer.rstrip(b"\0").decode(errors="replace").strip()


def _connected() -> socket.socket:
    if not _address.startswith("/"):
        host, _, port = _address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), SECONDS)
    scanner = socket.socket(socket.AF_UNIX)
    try:
        scanner.settimeout(SECONDS)
        scanner.connect(_address)
    except BaseException:
        scanner.close()
        raise
    return scanner
