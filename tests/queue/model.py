"""The queue as a few pure rules, written apart from the portal: what it must do is said twice, and compared."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")
READY = {"waiting", "awaiting_recall"}
ACTIVE = {"called", "in_call", "writing"}
OPEN = READY | ACTIVE
CALL, PRESENCE, HERE = timedelta(seconds=120), timedelta(seconds=60), timedelta(minutes=15)
PAGE_LEASE, POLL_LEASE, GRACE = timedelta(minutes=15), timedelta(seconds=60), timedelta(minutes=3)
DRAIN = timedelta(minutes=60)
LAPSES_ALLOWED, OVERTAKES = 2, 2


class Refused(Exception):
    """The command changes nothing."""


@dataclass
class Token:
    """A place in a session."""

    number: int
    patient: int
    session: "Session"
    priority: int
    asked_at: datetime
    here_until: datetime | None
    state: str = "waiting"
    doctor: int | None = None
    attempt: int = 0
    lapses: int = 0
    deadline: datetime | None = None
    lease: datetime | None = None
    rung_absent: bool = False

    @property
    def order(self) -> tuple[int, int]:
        return (-self.priority, self.number)


@dataclass
class Session:
    """One specialty on one day."""

    specialty: int
    day: date
    quota: int
    tokens: list[Token] = field(default_factory=list)
    duty: dict[int, str] = field(default_factory=dict)
    calls: list[tuple[datetime, int]] = field(default_factory=list)
    closed: bool = False

    def at(self, hour: int) -> datetime:
        return datetime.combine(self.day, time(hour), IST)


class Model:
    """The rules of design.md section 5, by the commands people give."""

    def __init__(self, *, specialties: int, priority: list[int], quota: int) -> None:
        self.specialties, self.priority, self.quota = specialties, priority, quota
        self.sessions: dict[tuple[int, date], Session] = {}

    @property
    def tokens(self) -> list[Token]:
        return [token for session in self.sessions.values() for token in session.tokens]

    def state(self) -> list[tuple[object, ...]]:
        """Everything that must be equal."""
        return sorted(
            (str(t.session.day), t.session.specialty, t.number, t.patient, t.state, t.doctor, t.attempt, t.lapses)
            if t.doctor is not None
            else (str(t.session.day), t.session.specialty, t.number, t.patient, t.state, -1, t.attempt, t.lapses)
            for t in self.tokens
        )

    def do(self, command: str, now: datetime, *arguments: int | str) -> str:
        """ok or refused."""
        try:
            getattr(self, command)(now, *arguments)
        except Refused:
            return "refused"
        return "ok"

    # What patients do.

    def request(self, now: datetime, patient: int, specialty: int) -> None:
        if self._open_token(patient):
            raise Refused
        session = self._session(specialty, now)
        if now < session.at(7) or now >= session.at(12) or session.closed or len(session.tokens) >= session.quota:
            raise Refused
        number, priority = len(session.tokens) + 1, self.priority[patient]
        session.tokens.append(Token(number, patient, session, priority, now, now + PRESENCE))

    def here(self, now: datetime, patient: int) -> None:
        token = self._need(patient)
        if token.state == "awaiting_recall":
            self._leave(token, "waiting")
        token.here_until = now + HERE

    def seen(self, now: datetime, patient: int) -> None:
        token = self._open_token(patient)
        if token is None or token.state not in READY:
            return
        fresh = token.here_until is not None and token.here_until > now
        if (token.state == "awaiting_recall" and not fresh) or (fresh and token.here_until > now + PRESENCE / 2):
            return
        token.here_until = now + PRESENCE

    def cancel(self, now: datetime, patient: int) -> None:
        token = self._need(patient)
        if token.state not in READY | {"called"}:
            raise Refused
        self._leave(token, "cancelled")

    def accept(self, now: datetime, patient: int) -> None:
        token = self._need(patient)
        if token.state == "in_call":
            return
        if token.state != "called" or token.deadline <= now:
            raise Refused
        token.state, token.deadline = "in_call", None

    # What doctors do.

    def duty(self, now: datetime, doctor: int, state: str) -> None:
        session = self._session(doctor % self.specialties, now)
        if state == "off" and self._held(doctor):
            raise Refused
        session.duty[doctor] = state

    def next(self, now: datetime, doctor: int, absent: bool = False) -> None:
        session = self._session(doctor % self.specialties, now)
        self._need_free(doctor, session)
        line = sorted((t for t in session.tokens if t.state in READY), key=lambda t: t.order)
        present = [t for t in line if t.here_until and t.here_until > now]
        token = self._first(session, present)
        if token:
            self._call(token, doctor, now)
            return
        away = [t for t in line if t.state == "waiting" and not (t.here_until and t.here_until > now)]
        if not (absent and away):
            raise Refused
        self._call(min(away, key=lambda t: (t.attempt, *t.order)), doctor, now, rung=True)

    def recall(self, now: datetime, doctor: int, patient: int) -> None:
        token = self._need(patient)
        if token.session.specialty != doctor % self.specialties:
            raise Refused
        self._need_free(doctor, token.session)
        if token.state != "awaiting_recall":
            raise Refused
        self._call(token, doctor, now)

    def skip(self, now: datetime, doctor: int) -> None:
        token = self._holding(doctor, {"called", "in_call"})
        self._leave(token, "awaiting_recall")
        token.here_until = None

    def end_call(self, now: datetime, doctor: int) -> None:
        self._holding(doctor, {"in_call"}).state = "writing"

    def complete(self, now: datetime, doctor: int) -> None:
        token = self._holding(doctor, {"in_call", "writing"})
        token.state, token.lease = "completed", None

    def poll(self, now: datetime, doctor: int) -> None:
        until = now + POLL_LEASE
        for token in self._held(doctor):
            if token.lease < now + POLL_LEASE / 2 or token.lease > until:
                token.lease = until

    # What nobody does.

    def sweep(self, now: datetime) -> None:
        for token in self.tokens:
            if token.state == "called" and token.deadline <= now:
                self._lapse(token)
        for token in self.tokens:
            if token.state in {"called", "in_call"} and token.lease < now - GRACE:
                self._leave(token, "awaiting_recall")
                token.here_until = now + PRESENCE
        for session in self.sessions.values():
            self._close(session, now)

    def _lapse(self, token: Token) -> None:
        if token.rung_absent:
            self._leave(token, "waiting")
        else:
            token.lapses += 1
            self._leave(token, "no_show" if token.lapses > LAPSES_ALLOWED else "awaiting_recall")
        token.here_until = None

    def _close(self, session: Session, now: datetime) -> None:
        served = any(state != "off" for state in session.duty.values())
        if session.closed or now < session.at(12) or (served and now < session.at(12) + DRAIN):
            return
        for token in session.tokens:
            if token.state in READY:
                self._leave(token, "expired")
        session.closed = not any(token.state in OPEN for token in session.tokens)

    def _first(self, session: Session, present: list[Token]) -> Token | None:
        if not present or not present[0].priority:
            return present[0] if present else None
        normal = next((t for t in present if not t.priority), None)
        if normal is None:
            return present[0]
        recent = [priority for at, priority in session.calls if at >= normal.asked_at][-OVERTAKES:]
        return normal if len(recent) == OVERTAKES and all(recent) else present[0]

    def _call(self, token: Token, doctor: int, now: datetime, rung: bool = False) -> None:
        if token.state == "waiting":
            token.session.calls.append((now, token.priority))
        token.state, token.doctor, token.attempt = "called", doctor, token.attempt + 1
        token.deadline, token.lease, token.rung_absent = now + CALL, now + PAGE_LEASE, rung

    def _leave(self, token: Token, state: str) -> None:
        token.state, token.doctor, token.deadline, token.lease = state, None, None, None

    def _session(self, specialty: int, now: datetime) -> Session:
        day = now.astimezone(IST).date()
        found = self.sessions.get((specialty, day))
        if found is None:
            if day.isoweekday() == 7:
                raise Refused
            found = self.sessions[specialty, day] = Session(specialty, day, self.quota)
        return found

    def _open_token(self, patient: int) -> Token | None:
        return next((t for t in self.tokens if t.patient == patient and t.state in OPEN), None)

    def _need(self, patient: int) -> Token:
        token = self._open_token(patient)
        if token is None:
            raise Refused
        return token

    def _held(self, doctor: int) -> list[Token]:
        return [t for t in self.tokens if t.doctor == doctor and t.state in ACTIVE]

    def _need_free(self, doctor: int, session: Session) -> None:
        if session.duty.get(doctor) != "on" or self._held(doctor):
            raise Refused

    def _holding(self, doctor: int, states: set[str]) -> Token:
        token = next(iter(self._held(doctor)), None)
        if token is None or token.state not in states:
            raise Refused
        return token
