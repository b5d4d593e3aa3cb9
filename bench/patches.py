"""`python -m bench.patches`: what our own parts of a library save (docs/decisions/0008-patched-libraries.md)."""

import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Thread
from time import perf_counter, sleep
from timeit import repeat
from typing import Any

import peewee

from portal.base import language
from portal.base.lazy import lazy
from portal.core.accounts.models import Account, SignIn
from portal.live import fragments
from portal.store import db
from portal.store.prepared import Prepared

LINE = "<li class='card'><a href='/visits/{0:x}'>Token {0}</a><p>waiting since {1} minutes</p></li>"


def main() -> None:
    """Print each pair of times, in microseconds, and the ratio."""
    opened = db.open_database("sqlite:///:memory:")
    opened.create_tables([SignIn, Account])
    for measure in (column_text, prepared, speaking, deflated, lazily):
        theirs, ours = measure()
        times = f"{theirs:10.1f} → {ours:8.1f} µs   {theirs / ours:5.1f} times"
        sys.stdout.write(f"{measure.__name__:12}{times}\n")


def column_text() -> tuple[float, float]:
    """Build the SQL of a join of two tables, with peewee's column names and with ours."""
    ours = _best(lambda: _sign_in(5).sql())
    peewee.Column.__sql__ = db._original_column_sql  # type: ignore[method-assign] # noqa: SLF001
    theirs = _best(lambda: _sign_in(5).sql())
    peewee.Column.__sql__ = db.column_text  # type: ignore[method-assign]
    return theirs, ours


def prepared() -> tuple[float, float]:
    """Run a query built anew, and a prepared one."""
    statement = Prepared(_sign_in)
    return _best(lambda: list(_sign_in(5))), _best(lambda: statement.all(5))


def speaking() -> tuple[float, float]:
    """Enter and leave the block, written as a generator and as a class."""

    @contextmanager
    def generator(name: str) -> Iterator[None]:
        token = language._language.set(language.known(name))  # noqa: SLF001
        try:
            yield
        finally:
            language._language.reset(token)  # noqa: SLF001

    def enter(block: Any) -> None:
        with block("hi"):
            pass

    return _best(lambda: enter(generator)), _best(lambda: enter(language.speaking))


def deflated() -> tuple[float, float]:
    """Compress a fragment of 6 kB whole, and join its cached deflate blocks."""
    text = "".join(LINE.format(7919**5 * number, number % 60) for number in range(60))
    parts = [fragments.SharedPart(text[:4000]), fragments.OwnPart("t" * 24), fragments.SharedPart(text[4000:])]

    def compress() -> bytes:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        return packer.compress(fragments.plain(parts)) + packer.flush()

    return _best(compress), _best(lambda: fragments.gzipped(parts))


def lazily() -> tuple[float, float]:
    """Compute an attribute of 20 ms on eight instances in eight threads at once."""

    class Theirs:
        @cached_property
        def value(self) -> int:
            return sleep(0.02) or 1

    class Ours:
        @lazy
        def value(self) -> int:
            return sleep(0.02) or 1

    return _at_once(Theirs), _at_once(Ours)


def _sign_in(key: Any) -> Any:
    joined = SignIn.select(SignIn, Account).join(Account, peewee.JOIN.LEFT_OUTER)
    return joined.where(SignIn.id == key)


def _at_once(make: Callable[[], Any]) -> float:
    threads = [Thread(target=lambda: make().value) for _ in range(8)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (perf_counter() - began) * 1e6


def _best(run: Callable[[], object]) -> float:
    return min(repeat(run, number=1000, repeat=5)) * 1000  # a thousand runs: milliseconds each are microseconds


if __name__ == "__main__":
    main()
