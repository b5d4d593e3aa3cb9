"""Indents end by themselves: nobody collects them, or the prescription is corrected or cancelled."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.core.dispensing.indents.steps import end
from portal.core.dispensing.models import LAPSED, OPEN, OVERTAKEN, Indent
from portal.core.formulary import versions
from portal.core.prescribing.carrying import Line, carried
from portal.core.prescriptions import amending
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.events import PrescriptionCancelled
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.store.db import write
from portal.work.audit import SYSTEM
from portal.work.events import Event, listener
from portal.work.jobs import sweep

HOUR = timedelta(hours=1).total_seconds()


@sweep(HOUR)
def lapse_indents(now: datetime) -> None:
    """End the indents whose last day is over; what they promised can be given again."""
    late = Indent.state.in_(OPEN) & (Indent.until < clinic_day(now))
    for row in Indent.select().where(late).order_by(Indent.id):
        with write():
            end(row, LAPSED, by=SYSTEM, now=now)


@listener(PrescriptionCancelled)
def overtake_cancelled(event: Event, now: datetime) -> None:
    """End the indents of a cancelled prescription: the chemist's medicine is not handed out."""
    for row in Indent.select().join(Prescription).where((Prescription.uid == event.subject) & Indent.state.in_(OPEN)):
        with write():
            end(row, OVERTAKEN, by=SYSTEM, now=event.at)


@amending.follows_version
def follow_version(before: Prescription, issued: Prescription, now: datetime) -> None:
    """Move the open indents to the same medicine of the next version, or end those that it has no room for."""
    same, items = versions.in_force().are_same, prescriptions.items_of(issued)
    room = {item.id: item.quantity - item.dispensed for item in items}
    for row in Indent.select().where((Indent.prescription == before) & Indent.state.in_(OPEN)).order_by(Indent.id):
        ordered = Line(row.item.drug, row.item.form, row.item.strength, row.quantity, row.quantity)
        fits = [each for each in items if carried([ordered], [_line(each, room[each.id])], same) == [row.quantity]]
        fits = [each for each in fits if room[each.id] >= row.quantity]
        if fits:
            room[fits[0].id] -= row.quantity
            Indent.update(prescription=issued, item=fits[0]).where(Indent.id == row.id).execute()
        else:
            end(row, OVERTAKEN, by=SYSTEM, now=now)


def _line(item: PrescribedItem, room: int) -> Line:
    return Line(item.drug, item.form, item.strength, room)
