"""The displays of halls: token numbers only, opened by a revocable key in the address."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import peewee

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.keys import fingerprint
from portal.base.language import gettext as _
from portal.base.language import speaking
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Centre, Specialty
from portal.core.visits import announcements
from portal.core.visits.attendance import OFF, ON, serving
from portal.core.visits.models import Announcement, Display, Duty, Transition, Visit
from portal.core.visits.states import CALLED, IN_CALL, READY
from portal.store.db import claim, write
from portal.store.prepared import Prepared
from portal.work import audit
from portal.work.audit import Actor

KEY_BYTES = 24
PLACE_LIMIT = 80
STEPS_READ = 20  # transitions read for the last called numbers, as one visit may be called several times
LAST_CALLED = 4
BOTH = ("en", "hi")  # a hall reads two languages
Both = dict[str, str]  # one sentence in each of them


def make(
    place: str, centre: Centre | None, specialties: list[Specialty], *, speaks: bool, by: Actor, now: datetime
) -> str:
    """Create a display and return its key; only the fingerprint is stored. No specialty means all. Raises Invalid."""
    place = " ".join(place.split())
    if not place or len(place) > PLACE_LIMIT:
        raise Invalid({"place": _("Say where the display hangs, in at most %(limit)s characters.", limit=PLACE_LIMIT)})
    key = secrets.token_urlsafe(KEY_BYTES)
    with write():
        row = Display.create(
            place=place,
            centre=centre,
            specialties=[each.code for each in specialties],
            speaks=speaks,
            key_hash=fingerprint(key),
            at=now,
            by_uid=by.uid,
        )
        audit.note("DisplayMade", row.uid, by=by, now=now, place=place)
    return key


def revoke(uid: str, *, by: Actor, now: datetime) -> None:
    """Revoke a display's key. Raises NotFound, Conflict if it is revoked already."""
    row = Display.get_or_none(Display.uid == uid)
    if row is None:
        raise NotFound
    with write():
        if not claim(Display.update(revoked_at=now).where((Display.uid == uid) & Display.revoked_at.is_null())):
            raise Conflict(_("This display is revoked already."))
        audit.note("DisplayRevoked", uid, by=by, now=now, place=row.place)


def find(key: str) -> Display:
    """Find the display of a key. Raises NotFound for an unknown or revoked key."""
    row: Display | None = Display.get_or_none((Display.key_hash == fingerprint(key)) & Display.revoked_at.is_null())
    if row is None:
        raise NotFound
    return row


def in_force() -> dict[str, Display]:
    """Return all unrevoked displays by key fingerprint."""
    return {row.key_hash: row for row in Display.select().where(Display.revoked_at.is_null())}


def shown_on(row: Display, specialties: Iterable[Specialty]) -> list[Specialty]:
    """Return the specialties a display shows, in the clinic's order."""
    return [each for each in specialties if each.code in row.specialties or not row.specialties]


@dataclass(frozen=True)
class Halls:
    """What displays need besides the queues."""

    displays: dict[str, Display]  # by key fingerprint
    specialties: list[Specialty]
    said: list[Announcement]


def halls(now: datetime) -> Halls:
    """Load every unrevoked display, the active specialties, the current announcements."""
    shown = in_force()
    if not shown:
        return Halls({}, [], [])
    specialties = list(Specialty.select().where(Specialty.active).order_by(Specialty.id))
    return Halls(shown, specialties, announcements.standing(None, now))


@dataclass(frozen=True)
class Waiting:
    """The queue of a specialty as a display shows it. `last`: the numbers called, newest first."""

    visits: list[Visit]
    duties: list[Duty]
    last: list[str]


Reads = Callable[[Specialty], Waiting]


def waiting_for(specialty: Specialty, *, now: datetime) -> Waiting:
    """Load the queue of the session being served; empty if there is none yet."""
    session = serving(specialty, now)
    if session is None:
        return Waiting([], [], [])
    session.specialty = specialty
    visits = list(Visit.select().where(Visit.session == session))
    for visit in visits:
        visit.session = session
    visits.sort(key=lambda visit: visit.order)
    last = last_called(calls_of.raw(session.id), {visit.id: visit for visit in visits})
    return Waiting(visits, duties_of.all(session), last)


@Prepared
def calls_of(session: object) -> peewee.Select:
    """Select the last called visits, newest first."""
    calls = Transition.select(Transition.visit).join(Visit)
    called = calls.where((Visit.session == session) & (Transition.to_state == CALLED))
    return called.order_by(Transition.id.desc()).limit(STEPS_READ)


@Prepared
def duties_of(session: object) -> peewee.Select:
    """Select the duties of a session with their doctors."""
    return Duty.select(Duty, Staff).join(Staff).where(Duty.session == session).order_by(Duty.id)


@dataclass(frozen=True)
class Call:
    """A called number. The key differs for a second call of the same number."""

    token: str
    key: str


@dataclass(frozen=True)
class HallLine:
    """One specialty on the display."""

    name: Both
    calling: list[Call]
    inside: list[str]
    last: list[str]
    waiting: int
    doctors: list[tuple[Both, bool]]


def line_of(specialty: Specialty, there: Waiting, now: datetime) -> HallLine:
    """Build a specialty's line: patients by number only, doctors by name."""
    called = [one for one in there.visits if one.state == CALLED and one.call_deadline > now]
    calling = [Call(one.token, f"{one.token}-{one.attempt}") for one in called]
    shown = {call.token for call in calling}
    return HallLine(
        name=both_names(specialty),
        calling=calling,
        inside=[one.token for one in there.visits if one.state == IN_CALL],
        last=[token for token in there.last if token not in shown][:LAST_CALLED],
        waiting=sum(one.state in READY for one in there.visits),
        doctors=[(both_names(duty.doctor), duty.state == ON) for duty in there.duties if duty.state != OFF],
    )


def both_names(row: object) -> Both:
    """Return a row's name in both languages; English stands in for a missing Hindi one."""
    name = str(getattr(row, "name", ""))
    return {"en": name, "hi": str(getattr(row, "name_hi", "")) or name}


def said(rows: Iterable[Announcement], shown: list[Specialty], now: datetime) -> list[Both]:
    """Return unexpired announcements in both languages, prefixed by specialty where several are shown."""
    names: dict[int | None, Both] = {each.id: both_names(each) for each in shown} if len(shown) > 1 else {}
    return [_both(row, names.get(row.specialty_id)) for row in rows if row.until > now]


def _both(row: Announcement, name: Both | None) -> Both:
    sentences = {}
    for spoken in BOTH:
        with speaking(spoken):
            sentence = announcements.sentence(row)
        sentences[spoken] = f"{name[spoken]}: {sentence}" if name else sentence
    return sentences


def words() -> dict[str, Both]:
    """Return the labels of every display, in both languages."""
    return {key: {spoken: _spoken(spoken)[key] for spoken in BOTH} for key in _spoken("en")}


def _spoken(language: str) -> dict[str, str]:
    with speaking(language):
        return {
            "title": _("Tele-consultation: who is called"),
            "calling": _("Now calling"),
            "inside": _("With the doctor"),
            "last": _("Called before"),
            "waiting": _("Waiting"),
            "doctors": _("Doctors on duty"),
            "pause": _("on a break"),
            "nobody": _("Nobody is being called"),
            "sound": _("Switch the sound on"),
            "answer": _("Please open your page on your telephone and press “Call now”."),
            "revoked": _("This display is switched off. The administrator can give it a new address."),
            "ok": _("Connected. This page stays up to date by itself."),
            "back": _("Connected again."),
            "trying": _("No answer since {time}. The numbers may be old; trying again by itself."),
            "off": _("No internet since {time}. The numbers may be old; this page goes on by itself."),
        }


def last_called(steps: Iterable[tuple[int, ...]], visits: dict[int, Visit]) -> list[str]:
    """Return the newest called numbers without duplicates."""
    return [visits[one].token for one in dict.fromkeys(step[0] for step in steps) if one in visits]
