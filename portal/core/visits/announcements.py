"""Announcements to waiting patients: on their page, hall displays, the board, and by SMS, until they expire."""

from datetime import datetime, timedelta

import peewee

from portal.base import language
from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.gsm import LONGEST_VALUE, folded, is_plain_value
from portal.base.language import gettext as _
from portal.core.clinic.models import ClinicSession, Specialty, bump
from portal.core.visits.events import AnnouncementMade, AnnouncementWithdrawn
from portal.core.visits.models import Announcement, Visit
from portal.core.visits.states import OPEN, READY
from portal.store.db import claim, write
from portal.store.prepared import Prepared
from portal.work.audit import Actor
from portal.work.events import record

OTHER = "other"
KINDS = ("late", "pause", "technical", "early", OTHER)
MINUTES = (15, 30, 60, 120)
TEXT_LIMIT = 200


def sentence(row: Announcement) -> str:
    """Return the announcement in the current language: the sentence of its kind, and the text written besides."""
    own = language.in_language(row, "text")
    return " ".join(part for part in (kind_sentences()[row.kind], own) if part)


def kind_sentences() -> dict[str, str]:
    """Return the sentence of each kind, in the current language."""
    return {
        "late": _("The doctor will be late. Your place is kept."),
        "pause": _("There is a short break. Your place is kept."),
        "technical": _("There is a technical problem. Your place is kept, please wait."),
        "early": _("The clinic closes early today."),
        OTHER: "",
    }


def own_words(row: Announcement, spoken: str) -> str:
    """Return the text in this language, else in English, folded to GSM characters (an ellipsis becomes three dots)."""
    return folded((spoken == "hi" and row.text_hi) or row.text)


def sms_words(row: Announcement, spoken: str) -> str:
    """Return the short text that fits a variable of a registered SMS template, in this language."""
    with language.speaking(spoken):
        own = own_words(row, spoken)
        has_room = 0 < len(own) <= LONGEST_VALUE and is_plain_value(own)
        if row.kind == OTHER and has_room and not set("/@") & set(own):
            return own
        return {
            "late": _("The doctor will be late"),
            "pause": _("There is a short break"),
            "technical": _("Technical problem, please wait"),
            "early": _("The clinic closes early today"),
            OTHER: _("There is a message for you"),
        }[row.kind]


def current(session: ClinicSession, now: datetime) -> list[Announcement]:
    """Return the announcements for a session, newest first; none for a session of a later day."""
    return standing(session.specialty_id, now) if session.has_come(now) else []


def standing(specialty_id: int | None, now: datetime) -> list[Announcement]:
    """Return the unexpired announcements for a specialty and for all; None: those of every specialty."""
    return _standing.all(now) if specialty_id is None else _standing_for.all(now, specialty_id)


def _newest(now: object) -> peewee.Select:
    rows = Announcement.select().where((Announcement.until > now) & Announcement.withdrawn_at.is_null())
    return rows.order_by(Announcement.id.desc())


@Prepared
def _standing(now: object) -> peewee.Select:
    return _newest(now)


@Prepared
def _standing_for(now: object, specialty: object) -> peewee.Select:
    return _newest(now).where(Announcement.specialty.is_null() | (Announcement.specialty == specialty))


def announce(
    kind: str, text: str, text_hi: str, specialty: Specialty | None, minutes: str, *, by: Actor, now: datetime
) -> Announcement:
    """Announce something to those who wait for a specialty, or to all (None). Raises Invalid with every wrong field."""
    text, text_hi = " ".join(text.split()), " ".join(text_hi.split())
    _check(kind, text, text_hi, minutes)
    with write():
        row = Announcement.create(
            specialty=specialty,
            kind=kind,
            text=text,
            text_hi=text_hi,
            at=now,
            until=now + timedelta(minutes=int(minutes)),
            by_uid=by.uid,
        )
        _bump_all(row, now)
        record(AnnouncementMade(kind=kind, specialty=specialty.code if specialty else ""), row.uid, by=by, now=now)
    return row


def withdraw(row: Announcement, *, by: Actor, now: datetime) -> None:
    """Withdraw an announcement. Raises Conflict when it is withdrawn or expired."""
    standing_still = (Announcement.id == row.id) & Announcement.withdrawn_at.is_null() & (Announcement.until > now)
    with write():
        if not claim(Announcement.update(withdrawn_at=now).where(standing_still)):
            raise Conflict(_("This announcement is no longer shown."))
        _bump_all(row, now)
        record(AnnouncementWithdrawn(), row.uid, by=by, now=now)


def find(uid: str, specialty: Specialty | None) -> Announcement:
    """Find an announcement to withdraw; doctors (specialty given) have permission for their own. Raises NotFound."""
    mine = Announcement.uid == uid
    row: Announcement | None = Announcement.get_or_none(
        mine & (Announcement.specialty == specialty) if specialty else mine
    )
    if row is None:
        raise NotFound
    return row


def audience(row: Announcement, now: datetime) -> list[Visit]:
    """Return its audience: open visits of today, and those still waiting since an earlier day."""
    waiting, today = Visit.select(Visit, ClinicSession).join(ClinicSession), clinic_day(now)
    since_yesterday = (ClinicSession.day < today) & Visit.state.in_(READY)
    waiting = waiting.where(((ClinicSession.day == today) & Visit.state.in_(OPEN)) | since_yesterday)
    if row.specialty_id is not None:
        waiting = waiting.where(ClinicSession.specialty == row.specialty_id)
    return list(waiting.order_by(Visit.id))


def _check(kind: str, text: str, text_hi: str, minutes: str) -> None:
    problems: dict[str, str] = {}
    if kind not in KINDS:
        problems["kind"] = _("Choose one of the list.")
    too_long = _("Write at most %(limit)s characters.", limit=TEXT_LIMIT)
    if kind == OTHER and not text:
        problems["text"] = _("Write what people should know.")
    problems |= {name: too_long for name, value in (("text", text), ("text_hi", text_hi)) if len(value) > TEXT_LIMIT}
    if minutes not in {str(choice) for choice in MINUTES}:
        problems["minutes"] = _("Choose one of the list.")
    if problems:
        raise Invalid(problems)


def _bump_all(row: Announcement, now: datetime) -> None:
    """Bump every session concerned, so that cached pages go stale."""
    today, running = ClinicSession.day == clinic_day(now), ClinicSession.closed_at.is_null()
    concerned = ClinicSession.select().where(today | (running & (ClinicSession.day < clinic_day(now))))
    if row.specialty_id is not None:
        concerned = concerned.where(ClinicSession.specialty == row.specialty_id)
    for session in concerned.order_by(ClinicSession.id):
        bump(session)
