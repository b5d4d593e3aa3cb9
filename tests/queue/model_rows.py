"""The data of the queue's model: sessions, tokens, and the newest step of each."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


@dataclass
class Step:
    """A token's newest step, and what its undo restores."""

    action: str
    doctor: int | None
    at: datetime
    start: str
    holder: int | None
    lapses: int
    here_until: datetime | None
    deadline: datetime | None


@dataclass
class Token:
    """A token in a session."""

    number: int
    patient: int
    session: "Session"
    priority: int
    here_until: datetime | None
    state: str = "waiting"
    doctor: int | None = None
    attempt: int = 0
    lapses: int = 0
    deadline: datetime | None = None
    lease: datetime | None = None
    out_of_turn: bool = False
    place: int = 0
    wanted: int | None = None
    carries: int = 0
    moved_to: "Token | None" = None
    last: Step | None = None
    steps: int = 1

    @property
    def order(self) -> tuple[int, int, int]:
        return (-self.priority, self.place, self.number)


@dataclass
class Session:
    """One specialty on one day."""

    specialty: int
    day: date
    quota: int
    tokens: list[Token] = field(default_factory=list)
    duty: dict[int, str] = field(default_factory=dict)
    calls: list[tuple[int, Token]] = field(default_factory=list)
    emergencies: int = 0
    closed: bool = False

    def at(self, hour: int) -> datetime:
        return datetime.combine(self.day, time(hour), IST)
