"""The request that caused what is being done: its id is in every log line, in events, and in the jobs that follow."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, unbind_contextvars

LONGEST_ID = 64
TOLD = 8  # its last characters are what people read out at the helpline: enough to find the lines of a day


def request_id() -> str:
    """Return the id; "" for what no request caused, such as a sweep."""
    return str(get_contextvars().get("request_id", ""))


def reference() -> str:
    """Return the end of the id, as an error page shows it."""
    return end_of(request_id())


def end_of(request_id: str) -> str:
    """Return the part of an id that is told."""
    return request_id[-TOLD:]


def begin(request_id: str) -> None:
    """Begin a request in this thread."""
    bind_contextvars(request_id=request_id)


def end() -> None:
    """End it: the thread's next work is another's."""
    unbind_contextvars("request_id")


@contextmanager
def of(request_id: str, **more: object) -> Iterator[None]:
    """Work for this request in the block; without an id, for the one under way. `more` is in the log lines too."""
    known = {"request_id": request_id} if request_id else {}
    with bound_contextvars(**known, **more):
        yield
