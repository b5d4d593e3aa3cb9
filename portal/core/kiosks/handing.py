"""Visits handed over by the desk to a kiosk, by a short code for one visit; and the end of who is there after it."""

import secrets
from datetime import datetime, timedelta

from portal.base.errors import Invalid
from portal.base.keys import fingerprint
from portal.base.language import gettext as _
from portal.core.accounts import sign_ins
from portal.core.accounts.kiosks import pairing
from portal.core.accounts.models import Kiosk, SignIn
from portal.core.clinic.models import Centre
from portal.core.kiosks.models import HandedVisit
from portal.core.visits.events import VisitCompleted, VisitNoShow, VisitNotHeld
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.store.db import claim, write
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import Event, listener

CODE_LIVES = timedelta(minutes=5)
DIGITS = 6


def hand_over(visit: Visit, centre: Centre, *, is_card_seen: bool, by: Actor, now: datetime) -> str:
    """Return a code that opens this visit at a kiosk of the centre within CODE_LIVES (audited).

    A new code replaces the one before, and those that are over are deleted. Raises Invalid unless the card was seen.
    """
    if not is_card_seen:
        raise Invalid({"card_seen": _("See the card first: the person on it must be the one who is here.")})
    with write():
        HandedVisit.delete().where((HandedVisit.visit == visit.uid) | (HandedVisit.until < now)).execute()
        code = _free_code(centre)
        HandedVisit.create(visit=visit.uid, centre=centre, code_hash=fingerprint(code), until=now + CODE_LIVES)
        audit.note("CardSeen", visit.beneficiary.uid, by=by, now=now)
        audit.note("VisitHanded", visit.uid, by=by, now=now)
    return code


def take(code: str, kiosk: Kiosk, *, now: datetime) -> tuple[sign_ins.SignedIn, Visit]:
    """Sign in for the visit of a code, which is used up. Raises Invalid on `code`."""
    with write():
        row = _alive(code, kiosk, now)
        visit = Visit.get_or_none((Visit.uid == row.visit) & Visit.state.in_(OPEN)) if row else None
        if row is None or visit is None or visit.beneficiary.account.disabled_at or not _is_first(row, now):
            raise Invalid({"code": _("This code does not fit, or it is over. Please ask the desk for a new one.")})
        account = visit.beneficiary.account
        audit.note("VisitTaken", visit.uid, by=Actor("account", account.uid), now=now)
        return sign_ins.start(account=account, now=now), visit


@listener(VisitCompleted, VisitNotHeld, VisitNoShow)
def end_at_kiosk(event: Event, now: datetime) -> None:
    """End who is signed in at a kiosk for a visit that is over; a sign-in begun since stays."""
    visit = Visit.get_or_none(Visit.uid == event.subject)
    if visit is not None:
        with write():
            whose = (SignIn.account == visit.beneficiary.account_id) & (SignIn.created_at <= event.at)
            pairing.end_all(whose, now=now)


def _is_first(row: HandedVisit, now: datetime) -> bool:
    return claim(HandedVisit.update(used_at=now).where((HandedVisit.id == row.id) & HandedVisit.used_at.is_null()))


def _alive(code: str, kiosk: Kiosk, now: datetime) -> HandedVisit | None:
    fits = (HandedVisit.code_hash == fingerprint(code)) & (HandedVisit.centre == kiosk.centre_id)
    unused = HandedVisit.used_at.is_null() & (HandedVisit.until > now)
    found: HandedVisit | None = HandedVisit.get_or_none(fits & unused)
    return found


def _free_code(centre: Centre) -> str:
    """Draw a code that no other visit of the centre has."""
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        same = HandedVisit.code_hash == fingerprint(code)
        if not HandedVisit.select().where(same & (HandedVisit.centre == centre)).exists():
            return code
