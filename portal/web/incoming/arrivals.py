"""How the last requests arrived: forwarded addresses, host and scheme, for `portal check` to compare.

Kept in one file of the data folder, at most once a minute, without addresses or paths of anybody. What most requests
show decides, so that a forged header of a few changes nothing.
"""

import json
import os
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, request

from portal.base import clock
from portal.config import Config

NAME = "arrivals.json"
LAST, ENOUGH = 200, 20  # requests that are looked at; fewer say nothing
EVERY = 60.0  # seconds
FRESH = timedelta(days=1)
LONGEST_HOST = 100


@dataclass(frozen=True)
class Seen:
    """What most of the last requests showed."""

    forwarded: int  # addresses in X-Forwarded-For
    host: str  # as the client named it, with its port
    is_https: bool


class Arrivals:
    """The last requests of this process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: deque[tuple[int, str, bool]] = deque(maxlen=LAST)
        self._next = 0.0

    def note(self, environ: dict[str, Any]) -> None:
        """Count one request; write the file when it is due. A full disk is no reason to fail."""
        forwarded = [part for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", environ["wsgi.url_scheme"]).rpartition(",")[2].strip()
        self._last.append((len(forwarded), environ.get("HTTP_HOST", "")[:LONGEST_HOST].lower(), scheme == "https"))
        if len(self._last) >= ENOUGH and clock.monotonic() >= self._next:
            self._next = clock.monotonic() + EVERY
            with suppress(OSError):
                self._write()

    def _write(self) -> None:
        last = list(self._last)
        most = [Counter(each[place] for each in last).most_common(1)[0][0] for place in range(3)]
        partial = self._path.with_name(f"{NAME}.{os.getpid()}.part")
        partial.write_text(json.dumps({"at": clock.now().isoformat(), "seen": most}))
        partial.rename(self._path)


def init_arrivals(app: Flask, config: Config) -> None:
    """Look at every request that reaches a page."""
    arrivals = Arrivals(config.data_dir / NAME)
    app.before_request(lambda: arrivals.note(request.environ))


def last_seen(data_dir: Path, now: datetime) -> Seen | None:
    """Return how requests arrived within the last day; None when too few did, or nothing is known."""
    try:
        found = json.loads((data_dir / NAME).read_text())
        forwarded, host, is_https = found["seen"]
        is_fresh = now - datetime.fromisoformat(found["at"]) < FRESH
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Seen(int(forwarded), str(host), bool(is_https)) if is_fresh else None
