"""A reference model of the queue: pure rules, written independently of the portal, to compare with it."""

from datetime import date, datetime, timedelta

from tests.queue.model_rows import IST, Session, Step, Token

READY = {"waiting", "awaiting_recall"}
ACTIVE = {"called", "in_call", "writing"}
OPEN = READY | ACTIVE
CALL = MORE = timedelta(seconds=120)
PRESENCE, HERE = timedelta(seconds=60), timedelta(minutes=15)
PAGE_LEASE, POLL_LEASE, GRACE = timedelta(minutes=15), timedelta(seconds=60), timedelta(minutes=3)
DRAIN, FORGOTTEN = timedelta(minutes=60), timedelta(hours=48)
LAPSES_ALLOWED, OVERTAKES = 2, 2
UNDO_FOR, EMERGENCIES, CARRIES_ON_LEAVE = timedelta(seconds=60), 5, 1
OUT_OF_TURN = {"ring", "emergency"}


class Refused(Exception):
    """The command is refused and changes nothing."""


class Model:
    """The rules of design.md section 5, one method per command."""

    def __init__(
        self, *, specialties: int, priority: list[int], quota: int, doctors: int = 2, carries: int = 0
    ) -> None:
        self.specialties, self.priority, self.quota = specialties, priority, quota
        self.doctors, self.carries = doctors, carries
        self.asked = 0
        self.leaves: set[tuple[int, date]] = set()
        self.newest: dict[int, Token] = {}  # each patient's token on which staff acted last
        self.sessions: dict[tuple[int, date], Session] = {}

    @property
    def tokens(self) -> list[Token]:
        return [token for session in self.sessions.values() for token in session.tokens]

    def state(self) -> list[tuple[object, ...]]:
        """Return the state to compare with the portal's."""
        return sorted(
            (str(t.session.day), t.session.specialty, t.number, t.patient, t.state, t.doctor, t.attempt, t.lapses)
            if t.doctor is not None
            else (str(t.session.day), t.session.specialty, t.number, t.patient, t.state, -1, t.attempt, t.lapses)
            for t in self.tokens
        )

    def do(self, command: str, now: datetime, *arguments: int | str) -> str:
        """Run a command; return "ok" or "refused"."""
        try:
            getattr(self, command)(now, *arguments)
        except Refused:
            return "refused"
        return "ok"

    # Commands of patients.

    def request(self, now: datetime, patient: int, specialty: int) -> None:
        if self._open_token(patient):
            raise Refused
        session = self._session(specialty, now)
        if now < session.at(7) or now >= session.at(12) or session.closed or len(session.tokens) >= session.quota:
            raise Refused
        if self._all_away(specialty, session.day):
            raise Refused
        self._give(session, patient, now + PRESENCE)

    def here(self, now: datetime, patient: int) -> None:
        token = self._require_open_token(patient)
        if token.state == "awaiting_recall":
            self._leave(token, "waiting", now)
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
        token = self._require_open_token(patient)
        if token.state not in READY | {"called"}:
            raise Refused
        self._leave(token, "cancelled", now)

    def accept(self, now: datetime, patient: int) -> None:
        token = self._require_open_token(patient)
        if token.state == "in_call":
            return
        if token.state != "called" or token.deadline <= now:
            raise Refused
        self._step(token, "in_call", now)
        token.deadline = None

    def more(self, now: datetime, patient: int) -> None:
        token = self._require_open_token(patient)
        if token.state != "called" or token.deadline <= now or token.deadline > token.last.at + CALL:
            raise Refused
        token.deadline += MORE

    def opens(self, now: datetime, patient: int) -> None:
        token = self._require_open_token(patient)
        if token.state == "called" and now < token.deadline <= token.last.at + CALL:
            token.deadline += MORE

    # Commands of doctors.

    def duty(self, now: datetime, doctor: int, state: str) -> None:
        session = self._session(doctor % self.specialties, now)
        if (state == "off" and self._held(doctor)) or (state != "off" and (doctor, session.day) in self.leaves):
            raise Refused
        session.duty[doctor] = state

    def next(self, now: datetime, doctor: int, absent: bool = False) -> None:
        session = self._session(doctor % self.specialties, now)
        self._require_free(doctor, session)
        line = sorted((t for t in session.tokens if t.state in READY), key=lambda t: t.order)
        line = [t for t in line if t.wanted in (None, doctor) or session.duty.get(t.wanted, "off") == "off"]
        present = [t for t in line if t.here_until and t.here_until > now]
        token = self._first(session, present)
        if token:
            self._call(token, doctor, now, "next")
            return
        away = [t for t in line if t.state == "waiting" and not (t.here_until and t.here_until > now)]
        if not (absent and away):
            raise Refused
        self._call(min(away, key=lambda t: (t.attempt, *t.order)), doctor, now, "ring")

    def recall(self, now: datetime, doctor: int, patient: int) -> None:
        token = self._require_open_token(patient)
        if token.session.specialty != doctor % self.specialties:
            raise Refused
        self._require_free(doctor, token.session)
        if token.state != "awaiting_recall":
            raise Refused
        self._call(token, doctor, now, "recall")

    def emergency(self, now: datetime, doctor: int, patient: int) -> None:
        token = self._permitted(doctor, self._open_token(patient))
        self._require_free(doctor, token.session)
        if token.state not in READY or token.session.emergencies >= EMERGENCIES:
            raise Refused
        self._call(token, doctor, now, "emergency")

    def skip(self, now: datetime, doctor: int) -> None:
        token = self._holding(doctor, {"called", "in_call"})
        self._leave(token, "awaiting_recall", now, "skip", doctor)
        token.here_until = None

    def end_call(self, now: datetime, doctor: int) -> None:
        self._step(self._holding(doctor, {"in_call"}), "writing", now, "end_call", doctor)

    def complete(self, now: datetime, doctor: int) -> None:
        token = self._holding(doctor, {"in_call", "writing"})
        self._step(token, "completed", now)
        token.lease = None

    def not_held(self, now: datetime, doctor: int, patient: int) -> None:
        token = self._permitted(doctor, self._open_token(patient))
        if token.state == "waiting":
            raise Refused
        self._leave(token, "no_show", now, "not_held", doctor)

    def transfer(self, now: datetime, doctor: int, patient: int, specialty: int) -> None:
        token = self._permitted(doctor, self._open_token(patient))
        if specialty == token.session.specialty:
            raise Refused
        self._send(token, self._session(specialty, now), None, now, doctor)

    def hand_over(self, now: datetime, doctor: int, patient: int, colleague: int) -> None:
        token = self._permitted(doctor, self._open_token(patient))
        if colleague % self.specialties != token.session.specialty or colleague == token.doctor:
            raise Refused
        session = self._session(token.session.specialty, now)
        if session.duty.get(colleague, "off") == "off":
            raise Refused
        self._send(token, session, colleague, now, doctor)

    def _send(self, token: Token, session: Session, wanted: int | None, now: datetime, doctor: int) -> None:
        served = any(state != "off" for state in session.duty.values())
        if token.session.day > now.astimezone(IST).date():
            raise Refused
        if session.closed or (now >= session.at(12) and not served) or self._all_away(session.specialty, session.day):
            raise Refused
        by_page = now + PRESENCE
        here = max(token.here_until or by_page, by_page) if token.state in ACTIVE else token.here_until
        self._leave(token, "transferred", now, "transfer", doctor)
        token.moved_to = self._give(session, token.patient, here, token, wanted)

    def undo(self, now: datetime, doctor: int, patient: int) -> None:
        token = self._permitted(doctor, self.newest.get(patient))
        last, other = token.last, self._open_token(patient)
        if last is None or last.action in ("", "undo") or last.doctor != doctor or now > last.at + UNDO_FOR:
            raise Refused
        if token.session.closed or (last.start == "called" and last.deadline <= now):
            raise Refused
        is_gone = token.session.duty.get(doctor, "off") == "off"
        if last.start in ACTIVE and (is_gone or any(held is not token for held in self._held(doctor))):
            raise Refused
        if last.action == "transfer":
            new = token.moved_to
            if new.state != "waiting" or new.steps > 1:
                raise Refused
            self._leave(new, "cancelled", now)
            token.moved_to = None
        elif token.state not in OPEN and other:
            raise Refused
        self._undo_step(token, last, now, doctor)

    def _undo_step(self, token: Token, last: Step, now: datetime, doctor: int) -> None:
        left = token.state
        self._leave(token, last.start, now, "undo", doctor)
        here = [moment for moment in (last.here_until, token.here_until) if moment]
        token.lapses, token.here_until = last.lapses, max(here, default=None)
        if last.start in ACTIVE:
            token.doctor, token.lease = last.holder, now + PAGE_LEASE
            token.attempt += left != "writing"
        if last.start == "called":
            token.deadline = last.deadline
        token.session.emergencies -= last.action == "emergency"
        if last.action in ("next", "ring") and last.start == "waiting":
            token.session.calls.remove(next(c for c in reversed(token.session.calls) if c[1] is token))

    def leave(self, now: datetime, doctor: int) -> None:
        day, specialty = now.astimezone(IST).date(), doctor % self.specialties
        if self._held(doctor) or (doctor, day) in self.leaves:
            raise Refused
        self.leaves.add((doctor, day))
        session = self.sessions.get((specialty, day))
        if session is None or session.closed:
            return
        if doctor in session.duty:
            session.duty[doctor] = "off"
        for token in session.tokens:
            if token.state in READY and token.wanted == doctor:
                token.wanted = None
        if self._all_away(specialty, day):
            self._carry_or_end(session, "cancelled", CARRIES_ON_LEAVE, now)

    def end_leave(self, now: datetime, doctor: int) -> None:
        key = (doctor, now.astimezone(IST).date())
        if key not in self.leaves:
            raise Refused
        self.leaves.remove(key)

    def poll(self, now: datetime, doctor: int) -> None:
        until = now + POLL_LEASE
        for token in self._held(doctor):
            if token.lease < now + POLL_LEASE / 2 or token.lease > until:
                token.lease = until

    # Sweeps.

    def sweep(self, now: datetime) -> None:
        for token in self.tokens:
            if token.state == "called" and token.deadline <= now:
                self._lapse(token, now)
        for token in self.tokens:
            if token.state in {"called", "in_call"} and token.lease < now - GRACE:
                self._leave(token, "awaiting_recall", now)
                token.here_until = now + PRESENCE
            if token.state == "writing" and token.lease < now - FORGOTTEN:
                self._step(token, "completed", now)
                token.lease = None
        for session in list(self.sessions.values()):
            self._close(session, now)

    def _lapse(self, token: Token, now: datetime) -> None:
        if token.out_of_turn:
            self._leave(token, "waiting", now)
        else:
            token.lapses += 1
            self._leave(token, "no_show" if token.lapses > LAPSES_ALLOWED else "awaiting_recall", now)
        token.here_until = None

    def _close(self, session: Session, now: datetime) -> None:
        served = any(state != "off" for state in session.duty.values())
        if session.closed or now < session.at(12) or (served and now < session.at(12) + DRAIN):
            return
        self._carry_or_end(session, "expired", self.carries, now)
        session.closed = not any(token.state in OPEN for token in session.tokens)

    def _carry_or_end(self, session: Session, final: str, carries: int, now: datetime) -> None:
        for token in [token for token in session.tokens if token.state in READY]:
            today = now.astimezone(IST).date()
            after = max(session.day, today - timedelta(days=self._is_held_still(session.specialty, today, now)))
            days = (after + timedelta(days=n) for n in range(1, 61))
            held = (d for d in days if d.isoweekday() != 7 and not self._all_away(session.specialty, d))
            day = next(held, None) if token.carries < carries else None
            self._leave(token, "carried" if day else final, now)
            if day:
                new = self.sessions.setdefault((session.specialty, day), Session(session.specialty, day, self.quota))
                token.moved_to = self._give(new, token.patient, None, token)
                token.moved_to.carries = token.carries + 1

    def _is_held_still(self, specialty: int, today: date, now: datetime) -> bool:
        """After an outage over closing time, an earlier day's token comes to today's clinic while that is open."""
        of_today = self.sessions.get((specialty, today), Session(specialty, today, self.quota))
        return now < of_today.at(12) and not of_today.closed

    def _all_away(self, specialty: int, day: date) -> bool:
        doctors = [n for n in range(self.doctors) if n % self.specialties == specialty]
        return bool(doctors) and all((n, day) in self.leaves for n in doctors)

    def _first(self, session: Session, present: list[Token]) -> Token | None:
        if not present or not present[0].priority:
            return present[0] if present else None
        normal = next((t for t in present if not t.priority), None)
        if normal is None:
            return present[0]
        recent = [token.priority for asked, token in session.calls if asked >= normal.place][-OVERTAKES:]
        return normal if len(recent) == OVERTAKES and all(recent) else present[0]

    def _call(self, token: Token, doctor: int, now: datetime, action: str) -> None:
        if action == "emergency":
            token.session.emergencies += 1
        elif token.state == "waiting":
            token.session.calls.append((self.asked, token))
        self._step(token, "called", now, action, doctor)
        token.doctor, token.attempt = doctor, token.attempt + 1
        token.deadline, token.lease, token.out_of_turn = now + CALL, now + PAGE_LEASE, action in OUT_OF_TURN

    def _leave(self, token: Token, state: str, now: datetime, action: str = "", doctor: int | None = None) -> None:
        self._step(token, state, now, action, doctor)
        token.doctor, token.deadline, token.lease = None, None, None

    def _step(self, token: Token, state: str, now: datetime, action: str = "", doctor: int | None = None) -> None:
        token.last = Step(
            action, doctor, now, token.state, token.doctor, token.lapses, token.here_until, token.deadline
        )
        token.state, token.steps = state, token.steps + 1
        if action:
            self.newest[token.patient] = token

    def _give(
        self,
        session: Session,
        patient: int,
        here: datetime | None,
        origin: Token | None = None,
        wanted: int | None = None,
    ) -> Token:
        self.asked += 1
        token = Token(len(session.tokens) + 1, patient, session, self.priority[patient], here, wanted=wanted)
        token.place = origin.place if origin else self.asked
        session.tokens.append(token)
        return token

    def _permitted(self, doctor: int, token: Token | None) -> Token:
        if token is None or token.session.specialty != doctor % self.specialties or token.doctor not in (None, doctor):
            raise Refused
        return token

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

    def _require_open_token(self, patient: int) -> Token:
        token = self._open_token(patient)
        if token is None:
            raise Refused
        return token

    def _held(self, doctor: int) -> list[Token]:
        return [t for t in self.tokens if t.doctor == doctor and t.state in ACTIVE]

    def _require_free(self, doctor: int, session: Session) -> None:
        if session.duty.get(doctor) != "on" or self._held(doctor):
            raise Refused

    def _holding(self, doctor: int, states: set[str]) -> Token:
        token = next(iter(self._held(doctor)), None)
        if token is None or token.state not in states:
            raise Refused
        return token
