"""An announcement as the SMS of it will read: seen by whoever writes it, with what it costs, before anybody gets it."""

from dataclasses import dataclass

from portal.base.gsm import Segments, beyond_gsm, segments
from portal.core.messages.texts import render
from portal.core.messages.wordings import LANGUAGES
from portal.core.visits import announcements
from portal.core.visits.models import Announcement


@dataclass(frozen=True)
class AsSent:
    """The text in one language. `is_whole`: are the writer's own words in it? `beyond_gsm`: what makes it dear."""

    language: str
    text: str
    counted: Segments
    is_whole: bool
    beyond_gsm: str


def as_sent(kind: str, text: str, text_hi: str) -> list[AsSent]:
    """The text in each language; nothing for a kind that there is not."""
    if kind not in announcements.KINDS:
        return []
    row = Announcement(kind=kind, text=" ".join(text.split()), text_hi=" ".join(text_hi.split()))
    return [_in(row, language) for language in LANGUAGES]


def _in(row: Announcement, language: str) -> AsSent:
    words = announcements.sms_words(row, language)
    text = render("announcement", language, {"text": words})
    is_whole = announcements.own_words(row, language) in ("", words)
    return AsSent(language, text, segments(text), is_whole, beyond_gsm(text) if language == "en" else "")
