"""The queue's live pages, made from the snapshot: the patient's panel and the doctor's board."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from jinja2 import Environment
from markupsafe import escape

from portal.base import language
from portal.core.boards.display_views import display_context
from portal.core.boards.doctor_board import Desk, board_of, columns_of, whole_minute
from portal.core.boards.patient_panel import Turn, turn_context, turn_of
from portal.core.visits.states import WAITING
from portal.live.board_pages import BoardPages
from portal.live.fragments import Own, Shown, gap
from portal.live.presence import Sightings
from portal.live.queue import Queue
from portal.live.rendered import Workshop
from portal.live.sign_in_cache import Known
from portal.live.snapshot import Snapshot
from portal.web import tickets

SHOW, HALL = "visits/show.html", "visits/display.html"
Made = TypeVar("Made")
KEPT, COLUMNS_LAST = timedelta(seconds=1), timedelta(seconds=3)  # time goes on also when nobody does anything


class ClinicPages:
    """What the live layer shows of the clinic; made once per change and page, whoever watches it."""

    def __init__(self, templates: Environment) -> None:
        self._made = Workshop(templates)
        self._boards = BoardPages(self._made)
        self._snapshot = Snapshot()
        self._sightings = Sightings()

    def refresh(self, now: datetime) -> None:
        """Bring the snapshot up to date."""
        self._snapshot.refresh(now)

    def poll(self, ticket: tickets.PageTicket, person: Known, spoken: str, now: datetime) -> Shown | None:
        """The fragment of a ticket, if the page is this person's. Whoever polls is there: patients, and doctors too."""
        if ticket.kind == "visit":
            return self._visit(ticket.uid, person, spoken, now)
        is_own = ticket.kind == "board" and person.staff_uid == ticket.uid
        return self._board(person, spoken, now) if is_own else None

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
        return timedelta(seconds=self._snapshot.rules.queue.presence_seconds)

    def _visit(self, uid: str, person: Known, spoken: str, now: datetime) -> Shown | None:
        queue, visit_id = self._snapshot.find(uid)
        if queue is None or person.account_id != queue.account_of[visit_id]:
            return None
        return _kept(queue, ("visit", visit_id, spoken), now, lambda: self._made_visit(queue, visit_id, now), spoken)

    def _made_visit(self, queue: Queue, visit_id: int, now: datetime) -> Shown:
        """A poll keeps the patient present; to note that once a second is enough."""
        visit = queue.visits[visit_id]
        self._sightings.saw_patient(visit, self._presence(), now)
        turn, spoken = turn_of(visit, now, queue.place(visit), self._snapshot.rules, queue.said), language.current()
        context = turn_context(turn, gap("ticket"), now)
        if turn.panel != "waiting":
            return Shown(context["etag"], lambda: self._made.shape(SHOW, context, spoken), dict, lambda: turn.status)
        # Those who wait differ in some numbers only, and with each call these change for everybody behind.
        until = whole_minute(turn.here_until) if turn.here_until else None
        key, doctors = (queue.session.id, until, spoken), turn.mark_of_doctors
        return Shown(
            context["etag"],
            lambda: self._made.once(key, doctors, lambda: self._made.shape(SHOW, context | _blank(), spoken)),
            lambda: {name: Own(str(value)) for name, value in _numbers(turn, context).items()},
            lambda: turn.status,
        )

    def display(self, key_hash: str, now: datetime) -> Shown | None:
        """A hall's display, if its key is in force. The hall reads both languages at once."""
        row = self._snapshot.halls.displays.get(key_hash)
        if row is None:
            return None
        context, spoken = (
            display_context(row, self._snapshot.halls, self._snapshot.waiting_for, now),
            language.current(),
        )
        etag = context["etag"]
        return Shown(
            etag, lambda: self._made.once(key_hash, etag, lambda: self._made.shape(HALL, context, spoken)), dict
        )

    def _board(self, person: Known, spoken: str, now: datetime) -> Shown | None:
        """Without a session of today, or with a patient of another day, the database is asked."""
        queue, staff_id = self._snapshot.of_specialty(person.specialty_id), person.staff_id or 0
        held = self._snapshot.held_by(staff_id)
        if queue is None or any(visit.session_id != queue.session.id for visit in held):
            return None
        return _kept(queue, ("board", staff_id, spoken), now, lambda: self._made_board(queue, staff_id, now), spoken)

    def _made_board(self, queue: Queue, staff_id: int, now: datetime) -> Shown:
        """A poll keeps the doctor's hold on the patient."""
        held = queue.held.get(staff_id, [])
        self._sightings.saw_doctor(held, now)
        columns = _kept(
            queue,
            "columns",
            now,
            lambda: columns_of(queue.visits.values(), self._snapshot.rules.queue, now),
            lasts=COLUMNS_LAST,
        )
        board = board_of(staff_id, held, columns, queue.news, now)
        session, closed = queue.session, queue.closed[language.current()]
        return self._boards.show(
            Desk(board, queue.duty_of(staff_id), session.specialty, session, closed, now), staff_id
        )


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
    numbers = {"token": escape(turn.visit.token), "ahead": turn.status["ahead"], "low": low, "high": high}
    return numbers | {"etag": context["etag"], "interval": turn.interval}


def _kept(
    queue: Queue, key: object, now: datetime, make: Callable[[], Made], spoken: str = "en", lasts: timedelta = KEPT
) -> Made:
    """What was made of this queue a moment ago, else made now in this language."""
    found = queue.kept.get(key)
    if found is None or abs(now - found[0]) >= lasts:
        with language.speaking(spoken):
            found = queue.kept[key] = (now, make())
    return cast(Made, found[1])
