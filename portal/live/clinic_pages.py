"""The queue's live pages, rendered from the snapshot cache: patient's panel, doctor's board, hall display."""

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
from portal.live.fragments import LiveFragment, OwnPart, placeholder
from portal.live.presence import PresenceBuffer
from portal.live.queue import Queue
from portal.live.rendered import RenderCache
from portal.live.sign_in_cache import CachedSignIn
from portal.live.snapshot import SnapshotCache
from portal.web import tickets

SHOW, HALL = "visits/show.html", "visits/display.html"
Made = TypeVar("Made")
CACHED_FOR, COLUMNS_CACHED_FOR = timedelta(seconds=1), timedelta(seconds=3)  # short: pages change with time alone


class ClinicPages:
    """Fragments for the live layer: rendered once per change and page, however many poll it."""

    def __init__(self, templates: Environment) -> None:
        self._rendered = RenderCache(templates)
        self._boards = BoardPages(self._rendered)
        self._snapshot = SnapshotCache()
        self._sightings = PresenceBuffer()

    def refresh(self, now: datetime) -> None:
        """Refresh the stale part of the snapshot cache."""
        self._snapshot.refresh(now)

    def poll(self, ticket: tickets.PageTicket, person: CachedSignIn, spoken: str, now: datetime) -> LiveFragment | None:
        """Return the fragment of a ticket, None if it is not this person's. Touches presence or a lease."""
        if ticket.kind == "visit":
            return self._visit(ticket.uid, person, spoken, now)
        is_own = ticket.kind == "board" and person.staff_uid == ticket.uid
        return self._board(person, spoken, now) if is_own else None

    def is_busy(self, person: CachedSignIn) -> bool:
        """Exempt from the idle timeout whoever waits for a turn or is with a patient."""
        if person.staff_id:
            return bool(self._snapshot.held_by(person.staff_id))
        return person.account_id is not None and self._snapshot.is_waiting(person.account_id)

    def is_write_due(self, now: datetime) -> bool:
        """Is there presence to write, two seconds after the last write?"""
        return self._sightings.is_due(now)

    def write(self, now: datetime) -> None:
        """Write presence and leases."""
        self._sightings.write(self._presence(), now)

    def _presence(self) -> timedelta:
        return timedelta(seconds=self._snapshot.rules.queue.presence_seconds)

    def _visit(self, uid: str, person: CachedSignIn, spoken: str, now: datetime) -> LiveFragment | None:
        queue, visit_id = self._snapshot.find(uid)
        if queue is None or person.account_id != queue.account_of[visit_id]:
            return None
        return _cached(queue, ("visit", visit_id, spoken), now, lambda: self._made_visit(queue, visit_id, now), spoken)

    def _made_visit(self, queue: Queue, visit_id: int, now: datetime) -> LiveFragment:
        """Touch the patient's presence and make the panel; it is cached for a second."""
        visit = queue.visits[visit_id]
        self._sightings.touch_patient(visit, self._presence(), now)
        turn, spoken = turn_of(visit, now, queue.place(visit), self._snapshot.rules, queue.said), language.current()
        context = turn_context(turn, placeholder("ticket"), now)
        if turn.panel != "waiting":
            return LiveFragment(
                context["etag"], lambda: self._rendered.skeleton(SHOW, context, spoken), dict, lambda: turn.status
            )
        # Waiting panels differ in numbers only, and each call changes those of everybody behind: share the skeleton.
        until = whole_minute(turn.here_until) if turn.here_until else None
        key, validator = (queue.session.id, until, spoken), turn.clinic_key
        return LiveFragment(
            context["etag"],
            lambda: self._rendered.get_or_make(
                key, validator, lambda: self._rendered.skeleton(SHOW, context | _placeholders(), spoken)
            ),
            lambda: {name: OwnPart(str(value)) for name, value in _numbers(turn, context).items()},
            lambda: turn.status,
        )

    def display(self, key_hash: str, now: datetime) -> LiveFragment | None:
        """Return a hall's display, None for a revoked or unknown key. It shows both languages."""
        row = self._snapshot.halls.displays.get(key_hash)
        if row is None:
            return None
        context, spoken = (
            display_context(row, self._snapshot.halls, self._snapshot.waiting_for, now),
            language.current(),
        )
        etag = context["etag"]
        return LiveFragment(
            etag,
            lambda: self._rendered.get_or_make(key_hash, etag, lambda: self._rendered.skeleton(HALL, context, spoken)),
            dict,
        )

    def _board(self, person: CachedSignIn, spoken: str, now: datetime) -> LiveFragment | None:
        """Return the doctor's board, None (Flask answers) without a session or with a patient of another session."""
        queue, staff_id = self._snapshot.of_specialty(person.specialty_id), person.staff_id or 0
        held = self._snapshot.held_by(staff_id)
        if queue is None or any(visit.session_id != queue.session.id for visit in held):
            return None
        return _cached(queue, ("board", staff_id, spoken), now, lambda: self._made_board(queue, staff_id, now), spoken)

    def _made_board(self, queue: Queue, staff_id: int, now: datetime) -> LiveFragment:
        """Renew the lease on the doctor's patients and make the board."""
        held = queue.held.get(staff_id, [])
        self._sightings.touch_doctor(held, now)
        columns = _cached(
            queue,
            "columns",
            now,
            lambda: columns_of(queue.visits.values(), self._snapshot.rules.queue, now),
            cached_for=COLUMNS_CACHED_FOR,
        )
        board = board_of(staff_id, held, columns, queue.news, now)
        session, closed = queue.session, queue.closed[language.current()]
        return self._boards.show(
            Desk(board, queue.duty_of(staff_id), session.specialty, session, closed, now), staff_id
        )


@dataclass(frozen=True)
class VisitPlaceholder:
    """A visit as the waiting panel reads it, with a placeholder for the token."""

    state: str = WAITING
    token: str = placeholder("token")


def _placeholders() -> dict[str, Any]:
    facts = {"ahead": placeholder("ahead"), "eta_minutes": (placeholder("low"), placeholder("high"))}
    return {
        "visit": VisitPlaceholder(),
        "facts": facts,
        "etag": placeholder("etag"),
        "interval": placeholder("interval"),
    }


def _numbers(turn: Turn, context: dict[str, Any]) -> dict[str, object]:
    low, high = cast(list[int], turn.status["eta_minutes"])
    numbers = {"token": escape(turn.visit.token), "ahead": turn.status["ahead"], "low": low, "high": high}
    return numbers | {"etag": context["etag"], "interval": turn.interval}


def _cached(
    queue: Queue,
    key: object,
    now: datetime,
    make: Callable[[], Made],
    spoken: str = "en",
    cached_for: timedelta = CACHED_FOR,
) -> Made:
    """Return the cached value, or make it in this language when it is older than `cached_for`."""
    found = queue.page_cache.get(key)
    if found is None or abs(now - found[0]) >= cached_for:
        with language.speaking(spoken):
            found = queue.page_cache[key] = (now, make())
    return cast(Made, found[1])
