"""What happens to visits, announcements and duty."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from portal.work.catalogue import DomainEvent

Token = Annotated[str, "the token as people read it, such as MED-012"]
Attempt = Annotated[int, "how many times this visit has been called"]
Moment = Annotated[str, "a moment in ISO 8601 with its offset"]


@dataclass(frozen=True)
class VisitMoved(DomainEvent):
    """Base of all that takes a visit from one state to another (states.py)."""

    token: Token
    from_: Annotated[str, "the state before"]
    to: Annotated[str, "the state now"]
    attempt: Attempt


class Moves(Protocol):
    """An event of a move, but for what `move` knows itself: its class, or a `partial` with the fields of its own."""

    def __call__(self, *, token: str, from_: str, to: str, attempt: int) -> VisitMoved:
        """The whole event."""


@dataclass(frozen=True)
class TokenIssued(DomainEvent, about="the visit"):
    """A person asked for a token and got one."""

    token: Token
    number: Annotated[int, "the number in the queue of the session"]
    specialty: Annotated[str, "code of the specialty"]
    beneficiary: Annotated[str, "uid of the person"]
    patient_id: Annotated[str, "the patient ID, 13 digits"]
    priority_reason: Annotated[str, "urgent, age or disability; empty without priority"]


@dataclass(frozen=True)
class TokenMoved(DomainEvent, about="the new visit"):
    """A visit goes on in a new one: told of the new one, after VisitTransferred or TokenCarried of the old one."""

    token: Token
    before: Annotated[str, "the old token"]
    why: Annotated[str, "the old visit's final state: transferred or carried"]


@dataclass(frozen=True)
class NearTurn(DomainEvent, about="the visit"):
    """Few are ahead of a waiting patient; once for each visit."""

    token: Token
    ahead: Annotated[int, "how many will be called before"]


@dataclass(frozen=True)
class VisitCalled(VisitMoved, about="the visit"):
    """A doctor calls the patient."""

    doctor: Annotated[str, "uid of the doctor"]
    deadline: Annotated[Moment, "until when the call can be answered"]


@dataclass(frozen=True)
class CallExtended(DomainEvent, about="the visit"):
    """The patient asked for more time to answer."""

    attempt: Attempt
    deadline: Annotated[Moment, "until when the call can be answered now"]


@dataclass(frozen=True)
class CallAccepted(VisitMoved, about="the visit"):
    """The patient answers the call."""


@dataclass(frozen=True)
class CallMissed(VisitMoved, about="the visit"):
    """Nobody answered in time; the place is kept."""

    lapses: Annotated[int, "missed calls that count, this one included"]


@dataclass(frozen=True)
class CallEnded(VisitMoved, about="the visit"):
    """The conversation is over; the doctor is writing."""


@dataclass(frozen=True)
class DoctorLost(VisitMoved, about="the visit"):
    """The doctor's page was silent for too long; the patient keeps the place."""


@dataclass(frozen=True)
class VisitReturned(VisitMoved, about="the visit"):
    """Who missed the call is back in line, at the old place."""


@dataclass(frozen=True)
class VisitSkipped(VisitMoved, about="the visit"):
    """The doctor sets a called patient aside for later."""


@dataclass(frozen=True)
class VisitTransferred(VisitMoved, about="the old visit"):
    """The doctor sends the patient on, to another specialty or a colleague; TokenMoved tells of the new visit."""

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
    """The last call that is allowed was missed; the visit is over."""

    lapses: Annotated[int, "missed calls, this one included"]


@dataclass(frozen=True)
class VisitCancelled(VisitMoved, about="the visit"):
    """The patient gives the token up."""


@dataclass(frozen=True)
class TokenCancelled(VisitMoved, about="the visit"):
    """No doctor is left to serve this token, as the last one takes leave; it is over."""


@dataclass(frozen=True)
class TokenExpired(VisitMoved, about="the visit"):
    """The clinic closed before this token's turn; it is over."""


@dataclass(frozen=True)
class TokenCarried(VisitMoved, about="the old visit"):
    """A token that cannot be served is carried to another day; TokenMoved tells of the new visit."""

    session: Annotated[str, "uid of the session of that day"]


@dataclass(frozen=True)
class TokenWithdrawn(VisitMoved, about="the new visit"):
    """A transfer is taken back, and the token that it made with it."""


@dataclass(frozen=True)
class StepUndone(VisitMoved, about="the visit"):
    """Whoever took the last step takes it back."""

    undone: Annotated[str, "the step that is taken back, such as transfer, not_held, skip or end_call"]
    deadline: Annotated[str | None, "until when the call that rings again can be answered; else missing"] = None


@dataclass(frozen=True)
class FeedbackGiven(DomainEvent, about="the visit"):
    """The patient says how the visit was, or says it differently."""


@dataclass(frozen=True)
class DutyChanged(DomainEvent, about="the doctor"):
    """A doctor comes on duty, takes a break or leaves; or stays on duty into the next clinic day."""

    session: Annotated[str, "uid of the session"]
    state: Annotated[str, "on, break10, break20, break30 (minutes) or off"]


@dataclass(frozen=True)
class SessionClosed(DomainEvent, about="the session"):
    """A specialty's clinic day is over, and nobody is left in it."""

    last_number: Annotated[int, "the last number that was given"]


@dataclass(frozen=True)
class AnnouncementMade(DomainEvent, about="the announcement"):
    """Something is said to all who wait."""

    kind: Annotated[str, "late, pause, technical, early or other"]
    specialty: Annotated[str, "code of the specialty; empty for all"]


@dataclass(frozen=True)
class AnnouncementWithdrawn(DomainEvent, about="the announcement"):
    """An announcement is taken back before it runs out."""
