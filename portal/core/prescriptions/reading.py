"""Reading issued prescriptions: on the pages of a visit, as a file, and by code."""

from datetime import date, datetime, time, timedelta

import structlog
from peewee import fn

from portal.base.clock import at_ist, clinic_day
from portal.base.errors import NotFound, OutOfService, Unavailable
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart import sources
from portal.core.chart.facts import Medicine, may_read
from portal.core.consults import panels
from portal.core.formulary import usual
from portal.core.paper import codes, stamps
from portal.core.prescriptions import storage
from portal.core.prescriptions.models import NEWEST, PrescribedItem, Prescription, PrescriptionFile
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE
from portal.settings.pharmacy import PharmacyRules
from portal.work import audit, damage
from portal.work.audit import Actor

MAKING_SECONDS = 3
LATELY, FOR_USUAL, USUAL = timedelta(days=183), 500, 12
LATE_REFILL = timedelta(days=30)  # a course that ended lately is likely to go on: the patient comes for the next
log = structlog.get_logger(__name__)


@panels.shows("issued")
def of_visit(visit: Visit) -> Prescription | None:
    """Return the newest version of a visit's prescription, if one is issued."""
    found: Prescription | None = Prescription.get_or_none((Prescription.visit == visit) & NEWEST)
    return found


def versions_of(visit: Visit) -> list[Prescription]:
    """List every version of a visit's prescription, the newest first."""
    return list(Prescription.select().where(Prescription.visit == visit).order_by(Prescription.version.desc()))


def newest_of(visit_uid: str) -> Prescription:
    """Return the newest version of a visit's prescription. Raises NotFound when none is issued."""
    found: Prescription | None = Prescription.select().join(Visit).where((Visit.uid == visit_uid) & NEWEST).first()
    if found is None:
        raise NotFound
    return found


@panels.shows("prescribed")
def prescribed_to(visit: Visit) -> dict[str, str]:
    """Map the medicines of other visits' prescriptions of the last months to the number of the newest one.

    Whether they can still be collected does not matter: what was taken for a week may be prescribed again.
    """
    since = visit.session.day - timedelta(days=PharmacyRules.in_force().prescription_valid_days)
    valid = NEWEST & Prescription.cancelled_at.is_null() & (Prescription.issued_at >= at_ist(since, time()))
    rows = PrescribedItem.select(PrescribedItem, Prescription).join(Prescription)
    mine = (Prescription.beneficiary == visit.beneficiary) & (Prescription.visit != visit)
    return {row.drug: row.prescription.number for row in rows.where(valid & mine).order_by(Prescription.id)}


@sources.tells_prescribed
def prescribed(person: Beneficiary, on: date) -> list[Medicine]:
    """List the medicines of valid prescriptions, the newest of each name, until a month after the course has ended."""
    rows = PrescribedItem.select(PrescribedItem, Prescription).join(Prescription)
    mine = NEWEST & (Prescription.beneficiary == person) & Prescription.cancelled_at.is_null()
    found = {row.drug.casefold(): _medicine(row) for row in rows.where(mine).order_by(PrescribedItem.id)}
    return [each for each, last in found.values() if on <= last]


@usual.tells_usual
def prescribed_most(doctor: Staff, now: datetime) -> list[tuple[str, str]]:
    """List (name, form) of what this doctor has prescribed most: on his newest FOR_USUAL of the last half year.

    So many say it; all of a busy doctor's would be read each time that his page of medicines is opened.
    """
    lately = (Prescription.doctor == doctor) & NEWEST & (Prescription.issued_at > now - LATELY)
    newest = Prescription.select(Prescription.id).where(lately).order_by(Prescription.id.desc()).limit(FOR_USUAL)
    row = PrescribedItem
    rows = row.select(row.drug, row.form).join(newest, on=row.prescription == newest.c.id)
    most = rows.group_by(row.drug, row.form).order_by(fn.COUNT(row.id).desc(), row.drug, row.form).limit(USUAL)
    return [(each.drug, each.form) for each in most.execute()]


def open_for_account(account: Account, visit_uid: str, version: int | None = None) -> Prescription:
    """Get the prescription of an own visit, the newest version unless another is named.

    Raises NotFound for anybody else's, and before it is issued.
    """
    found = newest_of(visit_uid) if version is None else _version_of(visit_uid, version)
    if found.beneficiary.account_id != account.id:
        raise NotFound
    return found


def open_for_staff(
    staff: Staff, visit_uid: str, version: int | None = None, *, by: Actor, now: datetime
) -> Prescription:
    """Get it for its author, the treating doctor, or a medical officer of the patient's centre; audited."""
    found = newest_of(visit_uid) if version is None else _version_of(visit_uid, version)
    own_centre = staff.centre_id == found.beneficiary.entry.centre_id
    if not (may_doctor(staff, found) if staff.role == "doctor" else own_centre):
        raise NotFound
    audit.note("PrescriptionRead", found.uid, by=by, now=now)
    return found


def may_read_notes(issued: Prescription, reader: Staff) -> bool:
    """May this reader read the notes that the PDF prints? Of a private specialty only its doctors may."""
    return may_read(issued.visit.session.specialty, issued.doctor, reader)


def file_of(issued: Prescription, *, by: Actor, now: datetime) -> bytes:
    """Read the PDF without a stamp. Raises Unavailable until it is made, OutOfService when its checksum is wrong."""
    if issued.stored_at is None:
        being_made = _("The prescription is being made. Please try again in a moment.")
        raise Unavailable(being_made, retry_after=MAKING_SECONDS)
    newest, content = issued.newest_file("issued"), content_of(issued, "issued")
    if newest is not None:
        damage.note(storage.FOLDER, newest.stored_name, is_intact=content is not None, now=now)
    if content is None:
        log.error("prescription_damaged", prescription=issued.uid)
        audit.note("PrescriptionDamaged", issued.uid, by=by, now=now)
        raise OutOfService(_("This file is not available. Please call the helpline."), retry_after=3600)
    return content


def served(issued: Prescription, *, by: Actor, now: datetime) -> bytes:
    """Read the file for people: one that is cancelled or replaced with a stamp over each page. Raises as `file_of`.

    Until the stamped file is signed and stored (or where nothing is signed), it is stamped while it is read.
    """
    if issued.kind == "issued":
        return file_of(issued, by=by, now=now)
    return content_of(issued, issued.kind) or stamps.stamped(file_of(issued, by=by, now=now), issued.kind)


def kind_of(issued: Prescription, sha256: str) -> str:
    """Tell as what we made the file with this checksum: issued, cancelled or replaced; "" when it is none of ours."""
    if issued.stored_at is not None and issued.sha256 == sha256:
        return "issued"
    mine = PrescriptionFile.prescription == issued
    found = PrescriptionFile.get_or_none(mine & (PrescriptionFile.sha256 == sha256))
    return str(found.kind) if found else ""


def by_code(code: str) -> Prescription | None:
    """Find the prescription of a code, however it was typed."""
    plain = codes.normalise(code)
    found: Prescription | None = Prescription.get_or_none(Prescription.code == plain) if plain else None
    return found


def status_of(issued: Prescription, now: datetime) -> str:
    """Return valid, dispensed, expired, cancelled or replaced (by a further version)."""
    if issued.replaced_at:
        return "replaced"
    if issued.cancelled_at:
        return "cancelled"
    items = items_of(issued)
    if items and all(item.dispensed >= item.quantity for item in items):
        return "dispensed"
    return "expired" if clinic_day(now) > issued.valid_until else "valid"


def items_of(issued: Prescription) -> list[PrescribedItem]:
    """List its medicines in their order."""
    return list(PrescribedItem.select().where(PrescribedItem.prescription == issued).order_by(PrescribedItem.position))


def content_of(issued: Prescription, kind: str) -> bytes | None:
    """Read the newest stored file of a kind; None without one, and when it is missing or damaged."""
    found = issued.newest_file(kind)
    return storage.intact(found.stored_name, found.sha256) if found else None


def _version_of(visit_uid: str, version: int) -> Prescription:
    one = (Visit.uid == visit_uid) & (Prescription.version == version)
    found: Prescription | None = Prescription.select().join(Visit).where(one).first()
    if found is None:
        raise NotFound
    return found


def may_doctor(doctor: Staff, issued: Prescription) -> bool:
    """May this doctor read it: the author, or who has the patient now and may read the notes that it prints?"""
    if issued.doctor_id == doctor.id:
        return True
    if not may_read(issued.visit.session.specialty, issued.doctor, doctor):
        return False
    mine = (Visit.beneficiary == issued.beneficiary) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    return bool(Visit.select().where(mine).exists())


def _medicine(row: PrescribedItem) -> tuple[Medicine, date]:
    """Return the medicine, and the last day on which the chart names it."""
    issued = row.prescription
    day = clinic_day(issued.issued_at)
    until = day + timedelta(days=row.duration_days) if row.duration_days else None
    how = " ".join(part for part in (row.dose, row.frequency) if part)
    medicine = Medicine(row.drug, row.form, row.strength, how, number=issued.number, noted_on=day, until=until)
    last = until + LATE_REFILL if until else day + timedelta(days=PharmacyRules.in_force().prescription_valid_days)
    return medicine, last
