"""Reproducible PDF of a prescription: same content, same bytes. HTML is rendered here, printed in a child process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.base import language
from portal.base.clock import ist
from portal.base.plain_text import shortened
from portal.base.units import named
from portal.core.paper.content import Content
from portal.core.paper.glyphs import printable
from portal.core.prescribing import doses
from portal.paths import TEMPLATES
from portal.sandbox.child_process import ChildPool, cores

FOLDER = TEMPLATES / "pdf"
SECONDS = 30  # timeout: the longest prescription takes two on an idle machine
MEMORY = 2**30
DOCUMENTS = 300  # each leaks a little in the libraries

Render = Callable[[Content], bytes]


@contextmanager
def reserved() -> Iterator[Render]:
    """Reserve a child and yield its render function; take leases inside, so that they need not cover the wait."""
    with printers().reserved() as ask:
        yield lambda content: ask(_request(content))


@cache
def printers() -> ChildPool:
    """The pool of printing processes, one per core."""
    module = "portal.core.paper.printing"
    return ChildPool(module, size=cores(), memory=MEMORY, seconds=SECONDS, documents=DOCUMENTS)


def html_of(content: Content) -> str:
    """Render the HTML in both languages, with the dose in the patient's words."""
    with language.speaking(content.language):
        return environment().get_template("prescription.html").render(**_view(content))


def _request(content: Content) -> bytes:
    return request_of(html_of(content), content.verification_code)


def request_of(html: str, identifier: str, **more: str) -> bytes:
    """Return what a printing process is asked, with the fonts of more languages."""
    return json.dumps({"html": html, "identifier": identifier, "fonts": language.fonts()} | more).encode()


def _view(content: Content) -> dict[str, Any]:
    return {
        "rx": content,
        "issued_at": ist(content.issued_at),
        "made_at": content.issued_at.isoformat(),
        "qr": segno.make(content.verify_url, error="m").png_data_uri(border=0, scale=4),
        "when": lambda item: doses.when_in_words(item.dose, item.frequency, content.language),
        "how": lambda item: doses.instructions_in_words(item.instructions, content.language),
    }


@cache
def environment() -> Environment:
    """Return the templates of what is printed."""
    loader = FileSystemLoader(FOLDER)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, finalize=printable)
    environment.filters.update(date=language.show_date, moment=language.show_moment, named=named, shortened=shortened)
    return environment
