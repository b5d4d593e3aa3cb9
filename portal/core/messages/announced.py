"""Preview of an announcement as SMS: its writer sees text and cost before it is sent."""

from dataclasses import dataclass

from portal.base.gsm import Segments, beyond_gsm, segments
from portal.base.language import LANGUAGES
from portal.core.messages.texts import render
from portal.core.visits import announcements
from portal.core.visits.models import Announcement


@dataclass(frozen=True)
class AsSent:
    """Text in one language. `is_whole`: with the writer's own words; `beyond_gsm`: the characters that force UCS-2."""

    language: str
    text: str
    counted: Segments
    is_whole: bool
    beyond_gsm: str


def as_sent(kind: str, text: str, text_hi: str) -> list[AsSent]:
    """Render the text in each language; empty for an unknown kind."""
    if kind not in announcements.KINDS:
        return []
    row = Announcement(kind=kind, text=" ".join(text.split()), text_hi=" ".join(text_hi.split()))
    return [_in(row, language) for language in LANGUAGES]


def _in(row: Announcement, language: str) -> AsSent:
    words = announcements.sms_words(row, language)
    text = render("announcement", language, {"text": words})
    is_whole = announcements.own_words(row, language) in ("", words)
    return AsSent(language, text, segments(text), is_whole, beyond_gsm(text) if language == "en" else "")
