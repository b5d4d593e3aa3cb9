"""What crosses the plugin door: frozen dataclasses, never rows, dicts or HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class PluginSettings(BaseModel):
    """Base of every plugin's settings; `title` and `description` of a field are its label and help."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class GatewayError(Exception):
    """An outside call failed: `permanent` says never, otherwise it may be tried again."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


@dataclass(frozen=True)
class Event:
    """Something that happened in the clinic. `data` holds ids and plain values only."""

    uid: str
    name: str
    subject: str
    at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One text to one mobile; `text` is final, `template` and `language` name where it came from."""

    uid: str
    to: str
    template: str
    language: str
    text: str
    expires_at: datetime


@dataclass(frozen=True)
class Receipt:
    """The gateway took the message; `reference` is its own number for it."""

    reference: str
    state: Literal["accepted", "sent", "delivered"] = "accepted"


@dataclass(frozen=True)
class VisitFact:
    """The little a plugin may know of a visit."""

    uid: str
    token: str
    specialty: str
    attempt: int


@dataclass(frozen=True)
class Room:
    """A room of one call attempt. `name` is random (at least 128 bits) and says nothing about anybody."""

    uid: str
    visit_uid: str
    attempt: int
    provider: str
    name: str


@dataclass(frozen=True)
class Participant:
    """Who enters a room: `role` decides the rights there, `name` is what the other side reads."""

    uid: str
    role: Literal["patient", "doctor"]
    name: str
    language: str


@dataclass(frozen=True)
class JoinLink:
    """How one participant enters, for one click: embedded in our page or by redirect."""

    kind: Literal["embed", "redirect"]
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class NavItem:
    """A link in the navigation of the given roles."""

    label: str
    url: str
    roles: frozenset[str]


@dataclass(frozen=True)
class HealthCheck:
    """A probe that raises with a sentence when something is wrong. Run by a task, never by a page."""

    name: str
    probe: Callable[[], None]
