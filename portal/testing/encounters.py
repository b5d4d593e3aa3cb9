"""Factories of hook arguments, and failing servers, for tests of plugins."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from portal.contracts import Message, Participant, Room, VisitFact

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def a_message(text: str = "Token MED-012: your turn is near. -CGHSTC", to: str = "+919000000001") -> Message:
    """Make a text that is due."""
    return Message("m" * 22, to, "near_turn", "en", text, NOW + timedelta(minutes=20))


def a_visit() -> VisitFact:
    """Make a visit at its first call."""
    return VisitFact("v" * 22, "MED-012", "medicine", 1)


def a_room(provider: str) -> Room:
    """Make a room of this provider."""
    return Room("r" * 22, "v" * 22, 1, provider, "n" * 22)


def a_participant(role: str = "patient") -> Participant:
    """Make a participant of a room."""
    return Participant("p" * 22, "doctor" if role == "doctor" else "patient", "Asha Verma", "hi")


@contextmanager
def silent_server() -> Iterator[tuple[str, int]]:
    """Yield (host, port) of a server that accepts connections and never responds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()


def closed_port() -> tuple[str, int]:
    """Return (host, port) of a closed port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
        return str(host), int(port)
