"""The queue's live pages, made from the snapshot: the patient's panel and the doctor's board."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from portal.core import language
from portal.core.accounts.known import Known
from portal.core.visits.announcements import sentence
from portal.core.visits.columns import DoctorBoard, board_of, columns_of, held_by
from portal.core.visits.display_views import display_context
from portal.core.visits.duty import OFF, ON
from portal.core.visits.endings import reasons
from portal.core.visits.history import line_words
from portal.core.visits.models import ClinicSession, Duty, Visit
from portal.core.visits.presence import Sightings
from portal.core.visits.snapshot import Queue, Snapshot
from portal.core.visits.specialties import Specialty
from portal.core.visits.states import WAITING
from portal.core.visits.turn import Turn, turn_of
from portal.core.visits.words import priority_words, state_words
from portal.web import live
from portal.web.live_fragments import Own, Piece, Shape, Shown, cut, gap

SHOW, BOARD, COLUMNS, HALL = "visits/show.html", "visits/board.html", "visits/_columns.html", "visits/display.html"
MADE = 1000
POLL_SECONDS = 3
Made = TypeVar("Made")
KEPT = timedelta(seconds=1)  # countdowns and minutes go on also when nobody does anything


def turn_context(turn: Turn, ticket: str, now: datetime) -> dict[str, Any]:
    """What the patient's live block reads."""
    return {
        "visit": turn.visit, "turn": turn, "facts": turn.status, "now": now, "interval": turn.interval,
        "ticket": ticket, "etag": live.etag_of(turn.mark), "ending_reasons": reasons() if turn.ending else {},
    }  # fmt: skip


def board_context(
    board: DoctorBoard, own: Duty | None, specialty: Specialty, session: ClinicSession | None, closed: str,
    ticket: str, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What the board's live block reads."""
    is_on = own is not None and own.state == ON
    return {
        "board": board, "columns": board.columns, "can_call": is_on and not board.mine,
        "duty": own.state if own else OFF,
        "break_until": own.until if own else None, "specialty": specialty, "closed": closed, "session": session,
        "priority_words": priority_words(), "line_words": line_words(), "sentence": sentence,
        "interval": POLL_SECONDS, "now": now, "ticket": ticket,
        "etag": live.etag_of((board.mark, own and (own.state, own.until), closed)),
    }  # fmt: skip


class ClinicPages:
    """What the live layer shows of the clinic; made once per change and page, whoever watches it."""

    def __init__(self, templates: Environment) -> None:
        self._templates = templates
        self._snapshot = Snapshot()
        self._sightings = Sightings()
        self._made: dict[object, tuple[object, Any]] = {}
        self._globals: dict[str, dict[str, Any]] = {}

    def refresh(self, now: datetime) -> None:
        """Bring the snapshot up to date."""
        self._snapshot.refresh(now)

    def show(self, ticket: live.Ticket, person: Known, now: datetime) -> Shown | None:
        """The fragment of a ticket, if the page is this person's."""
        if ticket.kind == "visit":
            return self._visit(ticket.uid, person, now)
        return self._board(person, now) if ticket.kind == "board" and person.staff_uid == ticket.uid else None

    def saw(self, ticket: live.Ticket, person: Known, now: datetime) -> None:
        """A poll keeps the patient present, and the doctor's hold on the patient."""
        if person.staff_id:
            self._sightings.saw_doctor(self._snapshot.held_by(person.staff_id), now)
        elif found := self._snapshot.find(ticket.uid):
            self._sightings.saw_patient(found[1], self._presence(), now)

    def is_busy(self, person: Known) -> bool:
        """Nobody is signed out while waiting for a turn, or with a patient."""
        if person.staff_id:
            return bool(self._snapshot.held_by(person.staff_id))
        return person.account_id is not None and self._snapshot.is_waiting(person.account_id)

    def has_news(self, now: datetime) -> bool:
        """Is there presence to write, and has the last writing been two seconds ago?"""
        return self._sightings.is_due(now)

    def write(self, now: datetime) -> None:
        """Write presence and leases."""
        self._sightings.write(self._presence(), now)

    def _presence(self) -> timedelta:
        return timedelta(seconds=self._snapshot.rules.presence_seconds)

    def _visit(self, uid: str, person: Known, now: datetime) -> Shown | None:
        queue, visit = self._snapshot.find(uid) or (None, None)
        if queue is None or visit is None or person.account_id != queue.account_of[visit.id]:
            return None
        return _kept(queue, ("visit", visit.id), now, lambda: self._made_visit(queue, visit, now))

    def _made_visit(self, queue: Queue, visit: Visit, now: datetime) -> Shown:
        turn, spoken = turn_of(visit, now, queue.place(visit), queue.rules, queue.said), language.current()
        context = turn_context(turn, gap("ticket"), now)
        if turn.panel != "waiting" or turn.here_until:
            return Shown(context["etag"], lambda: self._shape(SHOW, context, spoken), {}, lambda: turn.status)
        # Those who wait differ in some numbers only, and with each call these change for everybody behind.
        key, doctors = (queue.session.id, spoken), turn.mark_of_doctors
        own = {name: Own(str(escape(value))) for name, value in _numbers(turn, context).items()}
        return Shown(
            context["etag"],
            lambda: self._once(key, doctors, lambda: self._shape(SHOW, context | _blank(), spoken)),
            own,
            lambda: turn.status,
        )

    def display(self, key_hash: str, now: datetime) -> Shown | None:
        """A hall's display, if its key is in force. The hall reads both languages at once."""
        row = self._snapshot.halls.displays.get(key_hash)
        if row is None:
            return None
        context = display_context(row, self._snapshot, now)
        return Shown(
            context["etag"],
            lambda: self._once(key_hash, context["etag"], lambda: self._shape(HALL, context, language.current())),
            {},
        )

    def _board(self, person: Known, now: datetime) -> Shown | None:
        """Without a session of today, or with a patient of another day, the database is asked."""
        queue, staff_id = self._snapshot.of_specialty(person.specialty_id, now), person.staff_id or 0
        if queue is None or any(visit.session_id != queue.session.id for visit in self._snapshot.held_by(staff_id)):
            return None
        return _kept(queue, ("board", staff_id), now, lambda: self._made_board(queue, staff_id, now))

    def _made_board(self, queue: Queue, staff_id: int, now: datetime) -> Shown:
        columns = _kept(
            queue, "columns", queue.made_at, lambda: columns_of(queue.visits.values(), queue.limits, now), spoken=""
        )
        board = board_of(staff_id, held_by(staff_id, queue.held), columns, queue.news, now)
        session, spoken = queue.session, language.current()
        context = board_context(
            board, queue.duty_of(staff_id), session.specialty, session, queue.closed[spoken], gap("ticket"), now
        )
        key = (session.id, context["can_call"], spoken)
        made = self._once(key, columns.mark, lambda: Piece(self._template(COLUMNS).render(context | _words())))
        around = context | {"made_columns": Markup(gap("columns"))}  # noqa: S704
        return Shown(context["etag"], lambda: self._shape(BOARD, around, spoken), {"columns": made})

    def _once(self, key: object, marked: object, make: Callable[[], Made]) -> Made:
        """What was made under this key, made anew when its mark has changed."""
        known = self._made.get(key)
        if len(self._made) > MADE:  # of sessions long over
            self._made.clear()
        if known is None or known[0] != marked:
            known = self._made[key] = (marked, make())
        return cast(Made, known[1])

    def _shape(self, name: str, context: dict[str, Any], spoken: str) -> Shape:
        template = self._template(name)
        with language.speaking(spoken):
            values = self._globals[name] | context | _words()
            return cut("".join(template.blocks["live"](template.new_context(values, shared=True))))

    def _template(self, name: str) -> Template:
        """A template; what jinja adds to each context is looked together once, not for each fragment."""
        template = self._templates.get_template(name)
        if name not in self._globals:
            self._globals[name] = dict(template.globals)
        return template


@dataclass(frozen=True)
class Anybody:
    """A visit as the panel of those who wait reads it, with a gap for the token."""

    state: str = WAITING
    token: str = gap("token")


def _blank() -> dict[str, Any]:
    facts = {"ahead": gap("ahead"), "eta_minutes": (gap("low"), gap("high"))}
    return {"visit": Anybody(), "facts": facts, "etag": gap("etag"), "interval": gap("interval")}


def _numbers(turn: Turn, context: dict[str, Any]) -> dict[str, object]:
    low, high = cast(list[int], turn.status["eta_minutes"])
    numbers = {"token": turn.visit.token, "ahead": turn.status["ahead"], "low": low, "high": high}
    return numbers | {"etag": context["etag"], "interval": turn.interval}


def _words() -> dict[str, Any]:
    return {"state_words": state_words()}


def _kept(queue: Queue, key: object, now: datetime, make: Callable[[], Made], spoken: str | None = None) -> Made:
    """What was made of this queue, in this language, within the last second."""
    key = (key, language.current() if spoken is None else spoken)
    found = queue.kept.get(key)
    if found is None or abs(now - found[0]) >= KEPT:
        found = queue.kept[key] = (now, make())
    return cast(Made, found[1])
