"""The live layer: polls are answered here, in front of Flask, from memory (docs/decisions/0005-live-layer.md).

It answers 200 and 304 to living sign-ins with tickets of their own, and nothing else. Strangers, ended or idle
sign-ins, forged or foreign tickets, visits it does not know, a database that is down: Flask's handler in live.py
answers those from the database, so a refusal is the same bytes as everywhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Protocol

import peewee
import structlog
from flask import Flask
from itsdangerous import BadSignature
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_cookie
from werkzeug.sansio.utils import host_is_trusted

from portal.base import language
from portal.base.clock import now
from portal.base.errors import PortalError, Unavailable
from portal.base.keys import fingerprint
from portal.live.fragments import Part, Shown, gzipped, plain
from portal.live.sign_in_cache import Known, KnownSignIns
from portal.store.patience import begin_waiting, waits
from portal.web import tickets
from portal.web.security import fixed_headers
from portal.web.sessions import Seal

PREFIX, DISPLAY = "/live/", "/display/"
FRESH, STALEST = timedelta(milliseconds=250), timedelta(seconds=2)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
REMEMBERED = 50_000  # tickets with their cookies, so that each is decoded and its signatures checked once
LONGEST = 2_000  # characters
KINDS = ["text/html", "application/json"]
log = structlog.get_logger(__name__)

Headers = list[tuple[str, str]]
Environ = dict[str, str]
Start = Callable[[str, Headers], object]


class Pages(Protocol):
    """What a feature's live pages look like from here."""

    def refresh(self, now: datetime) -> None:
        """Bring the copy in memory up to date; an application context is there."""

    def poll(self, ticket: tickets.PageTicket, person: Known, spoken: str, now: datetime) -> Shown | None:
        """What the page shows now, in this language. None when it is not known here, or not this person's."""

    def display(self, key_hash: str, now: datetime) -> Shown | None:
        """What the display with this key shows. None when there is no such key, or it is revoked."""

    def is_busy(self, person: Known) -> bool:
        """Is this somebody whom idleness does not sign out?"""

    def has_news(self, now: datetime) -> bool:
        """Is it time to write down who was seen?"""

    def write(self, now: datetime) -> None:
        """Write down who was seen; an application context is there."""


@dataclass(frozen=True)
class Door:
    """A ticket together with the cookie it was made for: what stays the same from poll to poll."""

    ticket: tickets.PageTicket
    key_hash: str
    spoken: str  # by the language cookie, where there is one
    ends_at: datetime


class LiveLayer:
    """WSGI: `GET /live/<ticket>`, and the polls of a hall's display, from memory; everything else as before."""

    def __init__(self, app: Flask, pages: Pages) -> None:
        self._app, self._inner, self._pages = app, app.wsgi_app, pages
        self._people = KnownSignIns()
        self._fresh_from = self._fresh_until = NEVER
        self._lock = Lock()
        self._doors: dict[tuple[str, str, str], Door] = {}
        self._is_ours = lru_cache(64)(self._trusts)
        self._headers = {scheme: _headers(scheme == "https") for scheme in ("http", "https")}
        self._unchanged = {scheme: _headers(scheme == "https", has_body=False) for scheme in ("http", "https")}

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a poll, or let Flask answer; the patience of both together begins here, in front of everything."""
        begin_waiting()
        path = environ["PATH_INFO"]
        if path.startswith(PREFIX) and environ["REQUEST_METHOD"] == "GET":
            body = self._poll(path[len(PREFIX) :], environ, start_response)
            if body is not None:
                return body
        elif path.startswith(DISPLAY) and environ["REQUEST_METHOD"] == "GET" and "HTTP_HX_REQUEST" in environ:
            body = self._poll_display(path[len(DISPLAY) :], environ, start_response)
            if body is not None:
                return body
        return self._inner(environ, start_response)  # type: ignore[arg-type]

    def close(self) -> None:
        """The process ends: write down who was seen."""
        with self._app.app_context():
            self._pages.write(now())

    def _poll(self, text: str, environ: Environ, start: Start) -> list[bytes] | None:
        asked = text, environ.get("HTTP_COOKIE", ""), environ.get("HTTP_HOST", "")
        door, moment = self._doors.get(asked) or self._opened(*asked), now()
        if door is None or moment >= door.ends_at:
            return None
        try:
            if not self._fresh_from < moment < self._fresh_until:
                self._refresh(moment)
            person = self._person(door, moment)
        except (peewee.PeeweeException, PortalError) as error:
            log.warning("live_layer_left_it_to_flask", error=type(error).__name__)
            return None
        if person is None:
            return None
        shown = self._pages.poll(door.ticket, person, door.spoken or person.language, moment)
        if shown is None:
            return None
        if self._pages.has_news(moment):
            with self._app.app_context():
                self._pages.write(moment)
        return self._answer(shown, text, environ, start)

    def _poll_display(self, key: str, environ: Environ, start: Start) -> list[bytes] | None:
        """The only door without a cookie: the key in the address is enough, for numbers only."""
        moment = now()
        if not self._is_ours(environ.get("HTTP_HOST", "")):
            return None
        try:
            self._refresh(moment)
        except (peewee.PeeweeException, PortalError) as error:
            log.warning("live_layer_left_it_to_flask", error=type(error).__name__)
            return None
        with language.speaking("en"):  # a hall reads both languages; its mark is the same for every screen
            shown = self._pages.display(fingerprint(key), moment)
        return None if shown is None else self._answer(shown, "", environ, start)

    def _person(self, door: Door, moment: datetime) -> Known | None:
        """The living sign-in behind the cookie."""
        person = self._people.get(door.key_hash, moment)
        if person is None:
            with self._app.app_context():
                person = self._people.meet(door.key_hash, moment)
        if person is None or (person.sign_in, person.role) != (door.ticket.sign_in, door.ticket.role):
            return None
        return None if person.is_idle(moment) and not self._pages.is_busy(person) else person

    def _refresh(self, moment: datetime) -> None:
        """Who comes first after 250 ms reads what has changed; meanwhile the others see what was there before.

        In a rush every session changes all the time. Reading them again takes a fifth of the time then, not all of it.
        """
        if self._is_fresh(moment) or not self._is_first(moment):
            return
        try:
            if self._is_fresh(moment):
                return
            with self._app.app_context():
                self._people.refresh(moment)
                self._pages.refresh(moment)
            lasts = min(max(FRESH, 4 * (now() - moment)), STALEST)
            self._fresh_from, self._fresh_until = moment - lasts, moment + lasts
        finally:
            self._lock.release()

    def _is_first(self, moment: datetime) -> bool:
        """Take the lock, waiting for it only when what is known is too old to be shown. Raises Unavailable in vain."""
        if self._is_fresh(moment, STALEST):
            return self._lock.acquire(blocking=False)
        with waits.one() as seconds:
            is_first = self._lock.acquire(timeout=seconds)
        if not is_first:
            raise Unavailable(retry_after=2)
        return True

    def _is_fresh(self, moment: datetime, beyond: timedelta = timedelta()) -> bool:
        """Before the beginning too: a clock that was set back by much makes what is known old."""
        return self._fresh_from - beyond < moment < self._fresh_until + beyond

    def _answer(self, shown: Shown, ticket: str, environ: Environ, start: Start) -> list[bytes] | None:
        known, scheme = environ.get("HTTP_IF_NONE_MATCH", ""), environ["wsgi.url_scheme"]
        if known and shown.etag in known:
            start("304 NOT MODIFIED", [("ETag", f'"{shown.etag}"'), *self._unchanged[scheme]])
            return []
        headers, kind = self._headers[scheme], _kind(environ.get("HTTP_ACCEPT", ""))
        parts = shown.json() if kind == "application/json" else shown.html(ticket)
        if parts is None:
            return None
        body, encoding = _encoded(parts, environ.get("HTTP_ACCEPT_ENCODING", ""), shown.etag)
        charset = "; charset=utf-8" if kind == "text/html" else ""
        start("200 OK", [("Content-Type", kind + charset), ("Content-Length", str(len(body))), *encoding, *headers])
        return [body]

    def _opened(self, text: str, cookies: str, host: str) -> Door | None:
        """Looked at once: signature of the ticket, seal of the cookie. That they belong together is asked each time."""
        ticket, (key_hash, spoken) = tickets.read(text), self._read_cookie(cookies)
        if ticket is None or not key_hash or not self._is_ours(host):
            return None
        ends_at = datetime.fromtimestamp(ticket.ends_at, UTC)
        door = Door(ticket, key_hash, spoken and language.known(spoken), ends_at)
        if len(self._doors) >= REMEMBERED:
            self._doors.clear()
        if len(text) + len(cookies) + len(host) <= LONGEST:  # whoever sends endless headers fills no memory
            self._doors[text, cookies, host] = door
        return door

    def _read_cookie(self, header: str) -> tuple[str, str]:
        """The fingerprint of the sign-in's key, and the language cookie; empty where there is none."""
        cookies = parse_cookie(header)
        try:
            session = Seal().loads(cookies.get(self._app.config["SESSION_COOKIE_NAME"], ""))
        except BadSignature:
            session = {}
        key = session.get("_user_id")
        return fingerprint(key) if key else "", cookies.get("lang", "")

    def _trusts(self, host: str) -> bool:
        return host_is_trusted(host, self._app.config["TRUSTED_HOSTS"])


def _headers(is_secure: bool, has_body: bool = True) -> Headers:
    """What Flask sends with a poll."""
    own = {"Cache-Control": "no-store", "Vary": "Accept, Cookie, Accept-Encoding"}
    return list((own | fixed_headers(is_secure=is_secure, has_body=has_body)).items())


def _kind(accept: str) -> str:
    """HTML unless JSON is liked better (pages.wants_json)."""
    if "json" not in accept:
        return KINDS[0]
    return parse_accept_header(accept, MIMEAccept).best_match(KINDS, default=KINDS[0])


def _encoded(parts: list[Part], accepted: str, etag: str) -> tuple[bytes, Headers]:
    """Compressed where the browser takes gzip, as all do: brotli saves 2 % on fragments this short."""
    if "gzip" not in accepted or "gzip;q=0" in accepted.replace(" ", ""):
        return plain(parts), [("ETag", f'"{etag}"')]
    return gzipped(parts), [("Content-Encoding", "gzip"), ("ETag", f'"{etag}:gzip"')]
