"""The live layer: WSGI middleware that answers polls from an in-memory cache (docs/decisions/0005-live-layer.md).

It answers 200 and 304 to active sign-ins with their own tickets, and nothing else. Unknown, ended or idle sign-ins,
forged or foreign tickets, uncached visits, a database that is down: all pass through to Flask (portal/web/tickets.py),
so a refusal is the same bytes as everywhere.
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
from portal.live.fragments import LiveFragment, Part, gzipped, plain
from portal.live.sign_in_cache import CachedSignIn, SignInCache
from portal.store.wait_budget import begin_waiting, waits
from portal.web import tickets
from portal.web.counted import PollTallies
from portal.web.security import fixed_headers
from portal.web.sessions import Seal

PREFIX, DISPLAY = "/live/", "/display/"
FRESH, MAX_STALE = timedelta(milliseconds=250), timedelta(seconds=2)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MAX_CREDENTIALS = 50_000  # cached, so that each ticket and cookie is decoded and verified once
MAX_CACHED_LENGTH = 2_000  # characters
KINDS = ["text/html", "application/json"]
log = structlog.get_logger(__name__)

Headers = list[tuple[str, str]]
Environ = dict[str, str]
Start = Callable[[str, Headers], object]


class Pages(Protocol):
    """The live pages of a feature, as the layer calls them."""

    def refresh(self, now: datetime) -> None:
        """Refresh the cache. Called within an application context."""

    def poll(self, ticket: tickets.PageTicket, person: CachedSignIn, spoken: str, now: datetime) -> LiveFragment | None:
        """Return the page in this language, None when it is not cached or not this person's."""

    def display(self, key_hash: str, now: datetime) -> LiveFragment | None:
        """Return the display of this key, None when the key is unknown or revoked."""

    def is_busy(self, person: CachedSignIn) -> bool:
        """Is this person exempt from the idle timeout?"""

    def is_write_due(self, now: datetime) -> bool:
        """Is presence due to be written?"""

    def write(self, now: datetime) -> None:
        """Write presence and leases. Called within an application context."""


@dataclass(frozen=True)
class Credentials:
    """A verified ticket and cookie: what stays the same from poll to poll."""

    ticket: tickets.PageTicket
    key_hash: str
    spoken: str  # of the language cookie; empty without one
    ends_at: datetime


class LiveLayer:
    """WSGI middleware: answers `GET /live/<ticket>` and the polls of hall displays, passes everything else on."""

    def __init__(self, app: Flask, pages: Pages, is_served: Callable[[], bool]) -> None:
        self._app, self._inner, self._pages, self._is_served = app, app.wsgi_app, pages, is_served
        self._sign_ins = SignInCache()
        self._fresh_from = self._fresh_until = NEVER
        self._lock, self._tallies = Lock(), PollTallies()
        self._credentials: dict[tuple[str, str, str], Credentials] = {}
        self._is_ours = lru_cache(64)(self._trusts)
        self._headers = {scheme: _headers(scheme == "https") for scheme in ("http", "https")}
        self._unchanged = {scheme: _headers(scheme == "https", has_body=False) for scheme in ("http", "https")}

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a poll or pass it to Flask. The request's wait budget (store.wait_budget) begins here."""
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
        """Write the buffered presence and counts at shutdown."""
        self._tallies.flush()
        with self._app.app_context():
            if self._is_served():
                self._pages.write(now())

    def _poll(self, text: str, environ: Environ, start: Start) -> list[bytes] | None:
        asked = text, environ.get("HTTP_COOKIE", ""), environ.get("HTTP_HOST", "")
        credentials, moment = self._credentials.get(asked) or self._read_credentials(*asked), now()
        if credentials is None or moment >= credentials.ends_at:
            return None
        try:
            if not self._fresh_from < moment < self._fresh_until:
                self._refresh(moment)
            person = self._person(credentials, moment)
        except (peewee.PeeweeException, PortalError) as error:
            log.warning("live_layer_left_it_to_flask", error=type(error).__name__)
            return None
        if person is None:
            return None
        shown = self._pages.poll(credentials.ticket, person, credentials.spoken or person.language, moment)
        if shown is None:
            return None
        if self._pages.is_write_due(moment):
            with self._app.app_context():
                self._pages.write(moment)
        return self._answer(shown, text, environ, start)

    def _poll_display(self, key: str, environ: Environ, start: Start) -> list[bytes] | None:
        """Answer a display's poll. No cookie: the key in the address suffices, as only numbers are shown."""
        moment = now()
        if not self._is_ours(environ.get("HTTP_HOST", "")):
            return None
        try:
            self._refresh(moment)
        except (peewee.PeeweeException, PortalError) as error:
            log.warning("live_layer_left_it_to_flask", error=type(error).__name__)
            return None
        with language.speaking("en"):  # a hall reads both languages; all screens share one ETag
            shown = self._pages.display(fingerprint(key), moment)
        return None if shown is None else self._answer(shown, "", environ, start)

    def _person(self, credentials: Credentials, moment: datetime) -> CachedSignIn | None:
        """Return the active sign-in of the cookie; None when it is idle or not the ticket's."""
        person = self._sign_ins.get(credentials.key_hash, moment)
        if person is None:
            with self._app.app_context():
                person = self._sign_ins.load(credentials.key_hash, moment)
        if person is None or (person.sign_in, person.role) != (credentials.ticket.sign_in, credentials.ticket.role):
            return None
        return None if person.is_idle(moment) and not self._pages.is_busy(person) else person

    def _refresh(self, moment: datetime) -> None:
        """Refresh the cache after 250 ms in one thread; the others are served the stale cache meanwhile.

        The cache stays fresh four times as long as the refresh took: in a rush, refreshing takes a fifth of the time.
        """
        if self._is_fresh(moment) or not self._take_lock(moment):
            return
        try:
            if self._is_fresh(moment):
                return
            with self._app.app_context():
                if not self._is_served():
                    raise Unavailable  # newer code has changed the database: Flask says so
                self._sign_ins.refresh(moment)
                self._pages.refresh(moment)
            lasts = min(max(FRESH, 4 * (now() - moment)), MAX_STALE)
            self._fresh_from, self._fresh_until = moment - lasts, moment + lasts
        finally:
            self._lock.release()

    def _take_lock(self, moment: datetime) -> bool:
        """Take the refresh lock; block only when the cache is too stale to serve. Raises Unavailable on timeout."""
        if self._is_fresh(moment, MAX_STALE):
            return self._lock.acquire(blocking=False)
        with waits.one() as seconds:
            taken = self._lock.acquire(timeout=seconds)
        if not taken:
            raise Unavailable(retry_after=2)
        return True

    def _is_fresh(self, moment: datetime, beyond: timedelta = timedelta()) -> bool:
        """Is the cache fresh? Bounded below too: a clock set back far makes it stale."""
        return self._fresh_from - beyond < moment < self._fresh_until + beyond

    def _answer(self, shown: LiveFragment, ticket: str, environ: Environ, start: Start) -> list[bytes] | None:
        known, scheme = environ.get("HTTP_IF_NONE_MATCH", ""), environ["wsgi.url_scheme"]
        page = "live" if ticket else "display"
        if known and shown.etag in known:
            self._tallies.one(page, "304")
            start("304 NOT MODIFIED", [("ETag", f'"{shown.etag}"'), *self._unchanged[scheme]])
            return []
        headers, kind = self._headers[scheme], _kind(environ.get("HTTP_ACCEPT", ""))
        parts = shown.json() if kind == "application/json" else shown.html(ticket)
        if parts is None:
            return None
        self._tallies.one(page, "200")
        body, encoding = _encoded(parts, environ.get("HTTP_ACCEPT_ENCODING", ""), shown.etag)
        charset = "; charset=utf-8" if kind == "text/html" else ""
        start("200 OK", [("Content-Type", kind + charset), ("Content-Length", str(len(body))), *encoding, *headers])
        return [body]

    def _read_credentials(self, text: str, cookies: str, host: str) -> Credentials | None:
        """Verify ticket and cookie, and cache the result; that they belong together is checked on each poll."""
        ticket, (key_hash, spoken) = tickets.read(text), self._read_cookie(cookies)
        if ticket is None or not key_hash or not self._is_ours(host):
            return None
        ends_at = datetime.fromtimestamp(ticket.ends_at, UTC)
        credentials = Credentials(ticket, key_hash, spoken and language.known(spoken), ends_at)
        if len(self._credentials) >= MAX_CREDENTIALS:
            self._credentials.clear()
        if len(text) + len(cookies) + len(host) <= MAX_CACHED_LENGTH:  # endless headers must not fill memory
            self._credentials[text, cookies, host] = credentials
        return credentials

    def _read_cookie(self, header: str) -> tuple[str, str]:
        """Return the fingerprint of the sign-in's key and the language, each empty if missing."""
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
    """Return the headers that Flask sends with a poll."""
    own = {"Cache-Control": "no-store", "Vary": "Accept, Cookie, Accept-Encoding"}
    return list((own | fixed_headers(is_secure, has_body=has_body)).items())


def _kind(accept: str) -> str:
    """Return the content type: HTML unless JSON is preferred (pages.wants_json)."""
    if "json" not in accept:
        return KINDS[0]
    return parse_accept_header(accept, MIMEAccept).best_match(KINDS, default=KINDS[0])


def _encoded(parts: list[Part], accepted: str, etag: str) -> tuple[bytes, Headers]:
    """Return body and headers, gzipped where accepted. No brotli: it saves 2 % on fragments this short."""
    if "gzip" not in accepted or "gzip;q=0" in accepted.replace(" ", ""):
        return plain(parts), [("ETag", f'"{etag}"')]
    return gzipped(parts), [("Content-Encoding", "gzip"), ("ETag", f'"{etag}:gzip"')]
