"""Text layer of Hindi in our PDFs, for copy and paste and for screen readers.

WeasyPrint maps each glyph to the first text it stood for; in Devanagari, where signs are reordered inside a cluster,
that gives wrong words that look right. PDF's answer is /ActualText on marked content. So each line of Devanagari is
wrapped in such a mark while WeasyPrint draws it, with its language, which WeasyPrint leaves out: an English voice is
silent at Devanagari, a Hindi one reads both. Nothing else of WeasyPrint is patched.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pydyf
from weasyprint.draw import text as drawing

Draw = Callable[..., Any]


def install() -> None:
    """Patch WeasyPrint's drawing of a line, once per process."""
    if not hasattr(drawing.draw_first_line, "__wrapped__"):
        drawing.draw_first_line = _marked(drawing.draw_first_line)


def needs_mark(text: str) -> bool:
    """Tell whether the text has Devanagari."""
    return any("\u0900" <= character <= "\u097f" for character in text)


def _marked(draw: Draw) -> Draw:
    @wraps(draw)
    def draw_line(stream: Any, textbox: Any, *rest: Any, **options: Any) -> Any:
        if not needs_mark(textbox.text):
            return draw(stream, textbox, *rest, **options)
        meaning = pydyf.Dictionary({"Lang": pydyf.String("hi"), "ActualText": pydyf.String(textbox.text)})
        pydyf.Stream.begin_marked_content(stream, "Span", meaning)
        drawn = draw(stream, textbox, *rest, **options)
        pydyf.Stream.end_marked_content(stream)
        return drawn

    return draw_line
