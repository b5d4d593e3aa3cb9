"""Fallbacks when no active plugin answers: the clinic works with every plugin off."""

from datetime import datetime

from portal.base.keys import random_uid
from portal.contracts import Message, Receipt, Room, VisitFact
from portal.plugin_host.registry import Failed, Registry

TELEPHONE = "telephone"


def send(registry: Registry, message: Message, failed: Failed) -> tuple[str, Receipt] | None:
    """Send a message and return (plugin, receipt); None when no sender is active and a person has to phone.

    `failed` is called for each sender that failed. Raises GatewayError when every one did.
    """
    return registry.first("send_message", failed, message=message)


def open_room(registry: Registry, visit: VisitFact, now: datetime) -> Room:
    """Open a room with the first video plugin that answers, else return a telephone call."""
    answer = registry.first("open_room", visit=visit, now=now)
    if answer is not None:
        return answer[1]  # type: ignore[no-any-return]
    return Room(random_uid(), visit.uid, visit.attempt, TELEPHONE, random_uid())


def can_send(registry: Registry) -> bool:
    """Is a sender active? Without one nobody gets an OTP."""
    return bool(registry.implementations("send_message"))
