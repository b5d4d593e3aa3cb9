"""Legal holds: what is held is never deleted, until it is released by a deed of its own, with its reason."""

from collections.abc import Mapping
from datetime import date, datetime

import peewee

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.typed import clean, plain_digits
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.records.models import Record
from portal.core.records.reading import holds_records
from portal.core.rights.clearing.hold_models import LegalHold
from portal.core.rights.clearing.standing import STANDING, held_visits, lock
from portal.core.visits.models import Visit
from portal.store.db import claim, write
from portal.store.listing import Listed, page_of
from portal.work import audit
from portal.work.audit import Actor

SHORTEST, LONGEST, SHOWN = 10, 300, 30


def place_hold(form: Mapping[str, str], staff: Staff, *, by: Actor, now: datetime) -> LegalHold:
    """Hold what is kept of a person, or of one visit. Raises Invalid with every wrong field, Conflict if it is held."""
    person, visit, reason = _read(form)
    with write():
        lock(person)
        same = LegalHold.visit == visit if visit else LegalHold.visit.is_null()
        if LegalHold.select().where((LegalHold.beneficiary == person) & same & STANDING).exists():
            raise Conflict(_("This is held already."))
        made: LegalHold = LegalHold.create(
            beneficiary=person, visit=visit, reason=reason, placed_at=now, placed_by=staff
        )
        told = {"visit": visit.uid} if visit else {}
        audit.note("HoldPlaced", person.uid, by=by, now=now, hold=made.uid, **told)
    return made


def release_hold(uid: str, form: Mapping[str, str], staff: Staff, *, by: Actor, now: datetime) -> None:
    """Release a hold. Raises NotFound, Invalid on `reason`, Conflict when it is released already."""
    found: LegalHold | None = LegalHold.get_or_none(LegalHold.uid == uid)
    if found is None:
        raise NotFound
    reason = _reason(form)
    with write():
        lock(found.beneficiary)
        change = LegalHold.update(released_at=now, released_by=staff, release_reason=reason)
        if not claim(change.where((LegalHold.id == found.id) & STANDING)):
            raise Conflict(_("This hold is released already."))
        audit.note("HoldReleased", found.beneficiary.uid, by=by, now=now, hold=found.uid)


@holds_records
def holds_record(found: Record) -> bool:
    """Tell whether an upload belongs to what is held: nobody removes it then."""
    person = found.beneficiary
    visits = held_visits(person) if person is not None else frozenset()
    return visits is None or found.visit_id in visits or bool(visits and found.visit_id is None)


def find(uid: str) -> LegalHold:
    """Find a hold. Raises NotFound."""
    found: LegalHold | None = _with_people().where(LegalHold.uid == uid).first()
    if found is None:
        raise NotFound
    return found


def listed(number: int, *, released: bool) -> Listed:
    """Return a page of the holds that stand, or of those that are released; the newest first."""
    rows = _with_people().where(~STANDING if released else STANDING)
    return page_of(rows.order_by(LegalHold.id.desc()), number, SHOWN)


def _with_people() -> "peewee.ModelSelect[LegalHold]":
    rows = LegalHold.select(LegalHold, Beneficiary, RegisterEntry).join(Beneficiary).join(RegisterEntry)
    return rows.switch(LegalHold)


def _read(form: Mapping[str, str]) -> tuple[Beneficiary, Visit | None, str]:
    problems: dict[str, str] = {}
    person = _person(form.get("number", ""))
    if person is None:
        problems["number"] = _("Nobody with this number is registered on the portal.")
    visit, token = None, form.get("token", "").strip()
    if person and token:
        visit = _visit(person, token, form.get("day", ""))
        if visit is None:
            problems["token"] = _("This person has no such token on that day.")
    try:
        reason = _reason(form)
    except Invalid as error:
        problems |= error.fields
    if problems or person is None:
        raise Invalid(problems)
    return person, visit, reason


def _person(number: str) -> Beneficiary | None:
    plain = plain_digits(clean(number)).replace(" ", "").upper()
    is_one = (Beneficiary.patient_id == plain) | (RegisterEntry.ben_id == plain)
    rows = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry)
    found: Beneficiary | None = rows.where(is_one).first() if plain else None
    return found


def _visit(person: Beneficiary, token: str, day: str) -> Visit | None:
    """Find the visit of a token such as MED-012 and a day."""
    prefix, _dash, number = clean(token).upper().partition("-")
    try:
        when, which = date.fromisoformat(plain_digits(day)), int(plain_digits(number)[:6])
    except ValueError:
        return None
    rows = Visit.select(Visit, ClinicSession, Specialty).join(ClinicSession).join(Specialty)
    mine = (Visit.beneficiary == person) & (ClinicSession.prefix == prefix) & (Visit.number == which)
    found: Visit | None = rows.where(mine & (ClinicSession.day == when)).first()
    return found


def _reason(form: Mapping[str, str]) -> str:
    reason = " ".join(clean(form.get("reason", "")).split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise Invalid({"reason": _("Write it in %(low)s to %(high)s characters.", low=SHORTEST, high=LONGEST)})
    return reason
