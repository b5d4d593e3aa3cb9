"""Showing a prescription to a wellness centre, or to somebody who collects the medicines, by a one-time code.

Sending a prescription to a pharmacy needs the patient's consent and choice (docs/rules/domain.md 1.5); an authorised
representative may collect (2.1). The code opens the medicines alone, once, and can be withdrawn.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import peewee

from portal.base import keys
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import LONGEST_NAME
from portal.base.typed import clean
from portal.core.accounts.models import Account, Staff
from portal.core.clinic.models import Centre
from portal.core.dispensing.openers import opens_sheets
from portal.core.family import share_codes
from portal.core.family.models import Share
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.store.db import claim, one_at_a_time, write
from portal.work import audit, jobs
from portal.work.audit import NOBODY, Actor

LIFE = timedelta(hours=48)  # a weekend is between the consultation and the counter
MOST = 5  # codes of a visit at a time
KEPT_FOR = timedelta(days=30)
CENTRE, PERSON = "centre", "person"


def share(visit: Visit, account: Account, form: Mapping[str, str], *, by: Actor, now: datetime) -> Share:
    """Make a code for a centre or a person. Raises Invalid, and Conflict when there is nothing to show or too much."""
    centre, name = _read(form)
    with write():
        one_at_a_time(f"shares {visit.uid}")
        if not is_shareable(visit, now):
            raise Conflict(_("This prescription is no longer valid, so there is nothing to collect."))
        if len(unused(visit, now)) >= MOST:
            raise Conflict(_("There are %(most)s codes for this prescription. Withdraw one first.", most=MOST))
        nonce = secrets.token_hex(16)
        made: Share = Share.create(
            visit=visit,
            account=account,
            centre=centre,
            name=name,
            nonce=nonce,
            mark=share_codes.mark_of(share_codes.code_from(nonce)),
            created_at=now,
            expires_at=now + LIFE,
        )
        audit.note("ShareMade", visit.uid, by=by, now=now, share=made.uid, centre=centre.code if centre else "")
    return made


def is_shareable(visit: Visit, now: datetime) -> bool:
    """Tell whether there is a valid prescription with medicines that are not all given."""
    issued = reading.of_visit(visit)
    return issued is not None and bool(reading.items_of(issued)) and reading.status_of(issued, now) == "valid"


def of_visit(visit: Visit) -> list[Share]:
    """List what was shared of a visit, the newest first."""
    rows = Share.select(Share, Centre).join(Centre, peewee.JOIN.LEFT_OUTER).where(Share.visit == visit)
    return list(rows.order_by(Share.id.desc()))


def unused(visit: Visit, now: datetime) -> list[Share]:
    """List the codes that can still be used."""
    return [one for one in of_visit(visit) if state_of(one, now) == "open"]


def state_of(one: Share, now: datetime) -> str:
    """Return open, opened, withdrawn or over."""
    if one.withdrawn_at:
        return "withdrawn"
    if one.opened_at:
        return "opened"
    return "open" if now < one.expires_at else "over"


def withdraw(visit: Visit, uid: str, *, by: Actor, now: datetime) -> None:
    """End a code, and the reading of who has opened it. Raises NotFound for another visit's."""
    with write():
        mine = (Share.uid == uid) & (Share.visit == visit)
        if not Share.select().where(mine).exists():
            raise NotFound
        if claim(Share.update(withdrawn_at=now).where(mine & Share.withdrawn_at.is_null())):
            audit.note("ShareWithdrawn", visit.uid, by=by, now=now, share=uid)


def open_as_person(typed: str, *, now: datetime) -> tuple[Share, str]:
    """Use a person's code: return the share, and the key by which this browser reads it until it ends.

    Raises Invalid for a code that is wrong, used, over, or for a centre.
    """
    key = keys.random_uid()
    with write():
        found = _usable(typed, Share.centre.is_null(), now)
        if found is None or not _spend(found, now, device=keys.fingerprint(key)):
            raise Invalid({"code": _("This code is wrong, used or over. Please ask for a new one.")})
        audit.note("ShareOpened", found.visit.uid, by=NOBODY, now=now, share=found.uid)
    return found, key


def shown_to(uid: str, key: str, now: datetime) -> Prescription:
    """Get what a share shows to the browser that opened it. Raises NotFound for any other, and when it has ended."""
    open_still = (Share.expires_at > now) & Share.withdrawn_at.is_null()
    mine = (Share.uid == uid) & (Share.device == keys.fingerprint(key)) & open_still
    found: Share | None = Share.get_or_none(mine) if key else None
    issued: Prescription | None = reading.of_visit(found.visit) if found else None
    if issued is None:
        raise NotFound
    return issued


@opens_sheets
def open_at_centre(typed: str, pharmacist: Staff, *, by: Actor, now: datetime) -> Prescription | None:
    """Use a code for the pharmacist's centre; None for any text that is not such a code."""
    if not share_codes.normalise(typed):
        return None
    with write():
        found = _usable(typed, Share.centre == pharmacist.centre, now)
        if found is None or not _spend(found, now, opened_by=pharmacist):
            return None
        audit.note("ShareOpened", found.visit.uid, by=by, now=now, share=found.uid)
    issued: Prescription | None = reading.of_visit(found.visit)
    return issued


def collectors(issued: Prescription, now: datetime) -> list[str]:
    """List by name who may collect the medicines, as the family has said."""
    rows = (one for one in of_visit(issued.visit) if one.name and state_of(one, now) in ("open", "opened"))
    return list(dict.fromkeys(one.name for one in rows if now < one.expires_at))


@jobs.sweep(every=3600)
def sweep_shares(now: datetime) -> None:
    """Delete codes KEPT_FOR after their end; the audit log keeps that they were."""
    Share.delete().where(Share.expires_at < now - KEPT_FOR).execute()


def _read(form: Mapping[str, str]) -> tuple[Centre | None, str]:
    whom, name = form.get("with", ""), " ".join(clean(form.get("name", "")).split())
    if whom == CENTRE:
        centre = Centre.get_or_none((Centre.code == form.get("centre", "")) & Centre.active)
        if centre is None:
            raise Invalid({"centre": _("Choose one of the list.")})
        return centre, ""
    if whom != PERSON:
        raise Invalid({"with": _("Choose one of the list.")})
    if not name or len(name) > LONGEST_NAME:
        raise Invalid({"name": _("Write the name as it stands on the person's identity card.")})
    return None, name


def _usable(typed: str, for_whom: peewee.Expression, now: datetime) -> Share | None:
    code = share_codes.normalise(typed)
    is_open = Share.opened_at.is_null() & Share.withdrawn_at.is_null() & (Share.expires_at > now)
    wanted = (Share.mark == share_codes.mark_of(code)) & is_open & for_whom
    found: Share | None = Share.get_or_none(wanted) if code else None
    return found


def _spend(found: Share, now: datetime, **opened: object) -> bool:
    unspent = (Share.id == found.id) & Share.opened_at.is_null() & Share.withdrawn_at.is_null()
    return claim(Share.update(opened_at=now, **opened).where(unspent))
