"""Filter of the outbox: parsed from a query string, turned into SQL conditions."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta

import peewee
from peewee import fn

from portal.base.clock import at_ist
from portal.base.language import LANGUAGES
from portal.base.mobile import mask, normalise
from portal.base.typed import date_or_none
from portal.core.clinic.models import ClinicSession
from portal.core.messages import kinds
from portal.core.messages.models import Message
from portal.core.messages.words import states
from portal.core.visits.models import Visit
from portal.work.events import Event

DAYS, MOST_DAYS = 7, 92
FIRST_DAY = date(2020, 1, 1)
_TOKEN = re.compile(r"([A-Za-z]{1,8})-([0-9]{1,6})")
_WORD = re.compile(r"[\w/.-]{1,60}")


@dataclass(frozen=True)
class Filter:
    """Days (both inclusive) and further criteria; "" matches everything. `mobile` is masked: 98…10."""

    first: date
    last: date
    state: str = ""
    template: str = ""
    language: str = ""
    provider: str = ""
    mobile: str = ""
    about: str = ""

    @property
    def begins(self) -> datetime:
        """First moment of the first day."""
        return at_ist(self.first, time())

    @property
    def ends(self) -> datetime:
        """First moment after the last day."""
        return at_ist(self.last + timedelta(days=1), time())

    @property
    def is_scattered(self) -> bool:
        """Tell whether it filters by a column without an index, so that counting scans every message of the days."""
        return bool(self.language or self.provider or self.mobile)

    def address(self, **changes: str) -> dict[str, str]:
        """Build the query string of this filter, with changes."""
        values = {key: str(value) for key, value in asdict(self).items()} | changes
        return {key: value for key, value in values.items() if value}


def read(arguments: Mapping[str, str], today: date) -> Filter:
    """Parse the filter of a query string; invalid values count as not given."""
    last = max(min(date_or_none(arguments.get("last", "")) or today, today), FIRST_DAY)
    first = min(date_or_none(arguments.get("first", "")) or last - timedelta(days=DAYS - 1), last)
    choices = {"state": states(), "template": kinds.in_words(), "language": tuple(LANGUAGES)}
    chosen = {key: arguments[key] for key, allowed in choices.items() if arguments.get(key) in allowed}
    words = {key: text for key in ("provider", "about") if _WORD.fullmatch(text := arguments.get(key, "").strip())}
    found = Filter(max(first, last - timedelta(days=MOST_DAYS - 1)), last, **chosen, **words)
    return replace(found, mobile=masked(arguments.get("mobile", "")))


def masked(text: str) -> str:
    """Mask a number, however it was typed, as 98…10: the whole number goes no further than this."""
    with suppress(ValueError):
        text = mask(normalise(text))
    found = re.fullmatch(r"\s*([6-9][0-9])\D*([0-9]{2})\s*", text)
    return f"{found[1]}…{found[2]}" if found else ""


def among(wanted: Filter) -> peewee.Expression:
    """Build the condition of all criteria except the state and the days.

    The functions around columns keep both engines on the index by day: the one by number or provider would collect a
    million rows to show the newest fifty.
    """
    found = Message.id > 0
    if wanted.template:
        found &= Message.template == wanted.template
    if wanted.language:
        found &= Message.language == wanted.language
    if wanted.provider:
        found &= fn.LOWER(Message.provider) == wanted.provider.lower()
    if wanted.mobile:
        first, last = wanted.mobile.split("…")
        found &= (fn.SUBSTR(Message.to, 1, 5) == f"+91{first}") & (fn.SUBSTR(Message.to, 12, 2) == last)
    return found & _about(wanted) if wanted.about else found


def _about(wanted: Filter) -> peewee.Expression:
    """Match the message itself, or messages caused by this visit, prescription or beneficiary."""
    subjects = [wanted.about, *_visits(wanted)]
    causes = [row.uid for row in Event.select(Event.uid).where(Event.subject.in_(subjects)).limit(500)]
    itself, caused = Message.uid == wanted.about, Message.cause.in_(causes)
    return Message.id.in_([row.id for said in (itself, caused) for row in Message.select(Message.id).where(said)])


def _visits(wanted: Filter) -> list[str]:
    """Find the visits with this token on the chosen days."""
    token = _TOKEN.fullmatch(wanted.about)
    if token is None:
        return []
    days = ClinicSession.day.between(wanted.first, wanted.last)
    named = (ClinicSession.prefix == token[1].upper()) & (Visit.number == int(token[2]))
    found = Visit.select(Visit.uid).join(ClinicSession).where(days & named)
    return [row.uid for row in found]
