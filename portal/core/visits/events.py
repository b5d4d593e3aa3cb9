"""Events of visits, announcements and duty."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from portal.work.catalogue import DomainEvent

Token = Annotated[str, "the token as people read it, such as MED-012"]
Attempt = Annotated[int, "how many times this visit has been called"]
Moment = Annotated[str, "a moment in ISO 8601 with its offset"]


@dataclass(frozen=True)
class VisitMoved(DomainEvent):
    """The base of events of a transition (states.py)."""

    token: Token
    from_: Annotated[str, "the state before"]
    to: Annotated[str, "the state now"]
    attempt: Attempt


class Moves(Protocol):
    """A factory of a transition's event: its class, or a `partial` with the fields that `move` does not know."""

    def __call__(self, *, token: str, from_: str, to: str, attempt: int) -> VisitMoved:
        """Make the event."""


@dataclass(frozen=True)
class TokenIssued(DomainEvent, about="the visit"):
    """A person requested a token and got one."""

    token: Token
    number: Annotated[int, "the number in the queue of the session"]
    specialty: Annotated[str, "code of the specialty"]
    beneficiary: Annotated[str, "uid of the person"]
    patient_id: Annotated[str, "the patient ID, 13 digits"]
    priority_reason: Annotated[str, "urgent, age or disability; empty without priority"]


@dataclass(frozen=True)
class TokenMoved(DomainEvent, about="the new visit"):
    """A visit continues in a new one; recorded of the new one, after VisitTransferred or TokenCarried of the old."""

    token: Token
    before: Annotated[str, "the old token"]
    why: Annotated[str, "the old visit's final state: transferred or carried"]


@dataclass(frozen=True)
class NearTurn(DomainEvent, about="the visit"):
    """A waiting patient is near the front of the queue; once for each visit."""

    token: Token
    ahead: Annotated[int, "how many will be called before"]


@dataclass(frozen=True)
class VisitCalled(VisitMoved, about="the visit"):
    """A doctor calls the patient."""

    doctor: Annotated[str, "uid of the doctor"]
    deadline: Annotated[Moment, "when the call expires"]


@dataclass(frozen=True)
class CallExtended(DomainEvent, about="the visit"):
    """The patient asked for more time to answer."""

    attempt: Attempt
    deadline: Annotated[Moment, "when the call expires now"]


@dataclass(frozen=True)
class CallAccepted(VisitMoved, about="the visit"):
    """The patient accepts the call."""


@dataclass(frozen=True)
class CallMissed(VisitMoved, about="the visit"):
    """A call expired unanswered; the place is kept."""

    lapses: Annotated[int, "missed calls that count, this one included"]


@dataclass(frozen=True)
class CallEnded(VisitMoved, about="the visit"):
    """The call is over; the doctor is writing."""


@dataclass(frozen=True)
class DoctorLost(VisitMoved, about="the visit"):
    """The doctor's lease expired, as the page stopped polling; the patient keeps the place."""


@dataclass(frozen=True)
class VisitReturned(VisitMoved, about="the visit"):
    """A patient who missed the call is back in the queue, at the old place."""


@dataclass(frozen=True)
class VisitSkipped(VisitMoved, about="the visit"):
    """The doctor sets a called patient aside for later."""


@dataclass(frozen=True)
class VisitTransferred(VisitMoved, about="the old visit"):
    """The doctor transfers the patient to another specialty or a colleague; TokenMoved follows for the new visit."""

    session: Annotated[str, "uid of the session that the patient goes to"]


@dataclass(frozen=True)
class VisitCompleted(VisitMoved, about="the visit"):
    """The doctor completes the visit, or it is completed two days after the doctor forgot it."""


@dataclass(frozen=True)
class VisitNotHeld(VisitMoved, about="the visit"):
    """The doctor ends the visit without a consultation."""

    outcome: Annotated[str, "why: unreachable, wrong_specialty, technical, left, hospital, identity or other"]


@dataclass(frozen=True)
class VisitNoShow(VisitMoved, about="the visit"):
    """The last allowed call was missed; the visit is over."""

    lapses: Annotated[int, "missed calls, this one included"]


@dataclass(frozen=True)
class VisitCancelled(VisitMoved, about="the visit"):
    """The patient cancels the visit."""


@dataclass(frozen=True)
class TokenCancelled(VisitMoved, about="the visit"):
    """The token is cancelled, as the last doctor took leave."""


@dataclass(frozen=True)
class TokenExpired(VisitMoved, about="the visit"):
    """The token expired, as the clinic closed before its turn."""


@dataclass(frozen=True)
class TokenCarried(VisitMoved, about="the old visit"):
    """A token is carried to another day; TokenMoved follows for the new visit."""

    session: Annotated[str, "uid of the session of that day"]


@dataclass(frozen=True)
class TokenWithdrawn(VisitMoved, about="the new visit"):
    """A transfer is undone, and the new token withdrawn."""


@dataclass(frozen=True)
class StepUndone(VisitMoved, about="the visit"):
    """The last step is undone by whoever took it."""

    undone: Annotated[str, "the undone step, such as transfer, not_held, skip or end_call"]
    deadline: Annotated[str | None, "when the restored call expires; else missing"] = None


@dataclass(frozen=True)
class FeedbackGiven(DomainEvent, about="the visit"):
    """The patient gave or changed feedback."""


@dataclass(frozen=True)
class DutyChanged(DomainEvent, about="the doctor"):
    """A doctor comes on duty, takes a break or leaves; or stays on duty into the next clinic day."""

    session: Annotated[str, "uid of the session"]
    state: Annotated[str, "on, break10, break20, break30 (minutes) or off"]


@dataclass(frozen=True)
class SessionClosed(DomainEvent, about="the session"):
    """A session is closed: its day is over and no visit is open."""

    last_number: Annotated[int, "the last number that was given"]


@dataclass(frozen=True)
class AnnouncementMade(DomainEvent, about="the announcement"):
    """Something is announced to waiting patients."""

    kind: Annotated[str, "late, pause, technical, early or other"]
    specialty: Annotated[str, "code of the specialty; empty for all"]


@dataclass(frozen=True)
class AnnouncementWithdrawn(DomainEvent, about="the announcement"):
    """An announcement is withdrawn before it expires."""
