"""Core's own last answers, when no plugin that is on gives one: the clinic works with every plugin off."""

from datetime import datetime

from portal.contracts import Message, Room, VisitFact
from portal.core.keys import random_uid
from portal.plugins import Failed, Registry

TELEPHONE = "telephone"


def send(registry: Registry, message: Message, failed: Failed) -> tuple[str, str, str] | None:
    """(plugin, reference, state) of a sent message; None when no sender is on and a person has to phone.

    `failed` hears of each sender that failed. Raises GatewayError when every one did.
    """
    answer = registry.first("send_message", failed, message=message)
    if answer is None:
        return None
    name, receipt = answer
    return name, receipt.reference, receipt.state


def open_room(registry: Registry, visit: VisitFact, now: datetime) -> Room:
    """The room of the first video plugin that opens one, else a telephone call."""
    answer = registry.first("open_room", visit=visit, now=now)
    if answer is not None:
        return answer[1]  # type: ignore[no-any-return]
    return Room(random_uid(), visit.uid, visit.attempt, TELEPHONE, random_uid())


def can_send(registry: Registry) -> bool:
    """Is there a plugin that sends messages? Without one nobody gets an OTP."""
    return bool(registry.implementations("send_message"))
