"""Lists of indents: of a prescription, and of a centre."""

from datetime import date, datetime, timedelta

from peewee import ModelSelect

from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre
from portal.core.dispensing.models import OPEN, Indent
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.pharmacy import PharmacyRules

ENDED_SHOWN = 100


def indents_of(issued: Prescription) -> list[Indent]:
    """List the indents of every version of a prescription, the newest first."""
    rows = Indent.select(Indent, Prescription).join(Prescription)
    return list(rows.where(Prescription.visit == issued.visit_id).order_by(Indent.id.desc()))


def waiting_of(issued: Prescription, *, on: date) -> list[Indent]:
    """List the indents of a prescription that have come or are still to come, for the patient."""
    return [row for row in indents_of(issued) if row.state in OPEN and on <= row.until]


def open_at(centre: Centre) -> list[Indent]:
    """List the open indents of a centre, the oldest first."""
    return list(_with_names().where((Indent.centre == centre) & Indent.state.in_(OPEN)).order_by(Indent.id))


def ended_at(centre: Centre, *, now: datetime) -> list[Indent]:
    """List the indents of a centre that ended in the last days, the newest first."""
    lately = Indent.ended_at > now - timedelta(days=PharmacyRules.in_force().indent_days)
    mine = (Indent.centre == centre) & Indent.state.not_in(OPEN) & lately
    return list(_with_names().where(mine).order_by(Indent.ended_at.desc()).limit(ENDED_SHOWN))


def _with_names() -> "ModelSelect[Indent]":
    rows = Indent.select(Indent, Prescription, Beneficiary, RegisterEntry, PrescribedItem)
    with_person = rows.join(Prescription).join(Beneficiary).join(RegisterEntry)
    return with_person.switch(Indent).join(PrescribedItem)
