"""Kiosks: paired by a code that is shown once, listed, and revoked; sign-ins bound to one."""

import secrets
from datetime import datetime, timedelta

import peewee

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.keys import fingerprint
from portal.base.language import gettext as _
from portal.core.accounts import sign_ins
from portal.core.accounts.kiosks.listed import find_kiosk, kiosks_of
from portal.core.accounts.models import Kiosk, SignIn
from portal.core.clinic.models import Centre
from portal.store.db import claim, write
from portal.work import audit, jobs
from portal.work.audit import NOBODY, Actor

CODE_LIVES = timedelta(minutes=15)
DIGITS, KEY_BYTES, PLACE_LIMIT = 8, 24, 80


def offer(place: str, centre: Centre, *, by: Actor, now: datetime) -> str:
    """Add a kiosk of a centre and return the code that pairs a device within CODE_LIVES. Raises Invalid."""
    place = " ".join(place.split())
    if not place or len(place) > PLACE_LIMIT:
        raise Invalid({"place": _("Say where the device stands, in at most %(limit)s characters.", limit=PLACE_LIMIT)})
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    with write():
        row = Kiosk.create(
            place=place, centre=centre, at=now, by_uid=by.uid, code_hash=fingerprint(code), code_until=now + CODE_LIVES
        )
        audit.note("KioskAdded", row.uid, by=by, now=now, place=place)
    return code


def pair(code: str, *, now: datetime) -> str:
    """Pair a device by the code of its kiosk, which is used up, and return its key. Raises Invalid on `code`."""
    key = secrets.token_urlsafe(KEY_BYTES)
    alive = Kiosk.paired_at.is_null() & Kiosk.revoked_at.is_null() & (Kiosk.code_until > now)
    row = Kiosk.get_or_none((Kiosk.code_hash == fingerprint(code)) & alive)
    with write():
        paired = Kiosk.update(key_hash=fingerprint(key), paired_at=now)
        if row is None or not claim(paired.where((Kiosk.id == row.id) & alive)):
            raise Invalid({"code": _("No kiosk waits for this code. Please ask for a new one and type it here.")})
        audit.note("KioskPaired", row.uid, by=NOBODY, now=now, place=row.place)
    return key


def revoke(uid: str, centre: Centre | None, *, by: Actor, now: datetime) -> None:
    """Revoke a kiosk and end who is signed in there. Raises NotFound, also beyond this centre (None: all), Conflict."""
    row = kiosks_of(centre).where(Kiosk.uid == uid).first()
    if row is None:
        raise NotFound
    with write():
        if not claim(Kiosk.update(revoked_at=now).where((Kiosk.id == row.id) & Kiosk.revoked_at.is_null())):
            raise Conflict(_("This kiosk is revoked already."))
        if row.key_hash:
            end_all(SignIn.kiosk == row.key_hash, now=now)
        audit.note("KioskRevoked", uid, by=by, now=now, place=row.place)


def end_all(which: peewee.Expression, *, now: datetime) -> None:
    """End the sign-ins at kiosks that fit."""
    SignIn.update(ended_at=now).where((SignIn.kiosk != "") & which & SignIn.ended_at.is_null()).execute()


def bind(person: sign_ins.SignedIn, key_hash: str, *, now: datetime) -> Kiosk | None:
    """Bind a new sign-in to the kiosk at which it was begun; end it and return None when that is revoked."""
    with write():
        kiosk = find_kiosk(key_hash)
        if kiosk is None:
            sign_ins.end(person, now=now)
            return None
        row = person.row
        row.kiosk, row.ends_at = key_hash, now + sign_ins.ABSOLUTE["kiosk"]
        SignIn.update(kiosk=row.kiosk, ends_at=row.ends_at).where(SignIn.id == row.id).execute()
        audit.note("KioskSignedIn", kiosk.uid, by=person.actor, now=now)
    return kiosk


@jobs.sweep(every=30)
def sweep_left_kiosks(now: datetime) -> None:
    """End the sign-ins of people who have walked away, also for pages that go on polling."""
    open_ones = (SignIn.kiosk != "") & SignIn.ended_at.is_null()
    for row in SignIn.select().where(open_ones & (SignIn.seen_at < now - sign_ins.IDLE["kiosk"])):
        if not sign_ins.lasts(row, now):
            end_all(SignIn.id == row.id, now=now)
