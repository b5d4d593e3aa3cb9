"""Fake PDF rendering, for tests that are not about the PDF: a few bytes, without a child process."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from portal.core.paper.content import Content

Render = Callable[[Content], bytes]


def quickly(render: Render) -> Callable[[], AbstractContextManager[Render]]:
    """Replacement for `pdf.reserved`."""

    @contextmanager
    def reserved() -> Iterator[Render]:
        yield render

    return reserved
