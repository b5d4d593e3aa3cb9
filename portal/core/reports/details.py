"""What a clinic day comes to beside its queue: referrals, medicines, calls, texts, feedback.

Retention takes prescriptions and calls away in time; a day of which something is gone keeps what was counted before
(days.py), as the parts here stand by themselves.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import fn

from portal.base.clock import at_ist
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.calls.models import CallEvent, CallRoom
from portal.core.clinic.models import ClinicSession
from portal.core.dispensing.models import Dispensing
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Override, PrescribedItem, Prescription
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.reports.buckets import bucket_of
from portal.core.reports.counting import Cells, new_cells
from portal.core.reports.models import ALL
from portal.core.visits.models import Feedback, Visit
from portal.work.events import Event

REFERRALS, MEDICINES, VIDEO, TEXTS, FEEDBACK = "referrals", "medicines", "video", "texts", "feedback"
QUALITIES = ("good", "fair", "poor")  # from the best


def count_details(day: date) -> Cells:
    """Count everything beside the queue that belongs to a day."""
    cells = new_cells()
    for count in (_referrals, _requests, _prescriptions, _dispensed, _video, _feedback, _texts):
        count(cells, day)
    return cells


def _within(field: Any, day: date) -> Any:
    begins = at_ist(day, time.min)
    return (field >= begins) & (field < begins + timedelta(days=1))


def _referrals(cells: Cells, day: date) -> None:
    rows: Any = (
        Event.select(Event.name, Referral.specialty, Referral.centre)
        .join(Referral, on=Event.subject == Referral.uid)
        .where(_within(Referral.issued_at, day))
    )
    for name, specialty, centre in rows.tuples():
        if name == "ReferralIssued":
            cells[specialty, centre, REFERRALS][f"event/{name}"] += 1


def _requests(cells: Cells, day: date) -> None:
    """Count requests of families, their answers, and how long those took."""
    rows: Any = (
        Event.select(Event.name, Event.at, ReferralRequest.asked_at, ReferralRequest.specialty, RegisterEntry.centre)
        .join(ReferralRequest, on=Event.subject == ReferralRequest.uid)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(_within(ReferralRequest.asked_at, day))
    )
    for name, at, asked_at, specialty, centre in rows.tuples():
        if name not in {"ReferralRequested", "ReferralRequestAnswered"}:
            continue
        found = cells[specialty, centre, REFERRALS]
        found[f"event/{name}"] += 1
        if name == "ReferralRequestAnswered":
            found[f"answer/{bucket_of(at - asked_at)}"] += 1


def _of_visits(query: Any, day: date) -> Any:
    """Join a query that ends at Visit with its session and the person's centre; the columns come last."""
    joined = query.join(ClinicSession).switch(Visit).join(Beneficiary).join(RegisterEntry)
    return joined.where(ClinicSession.day == day).tuples()


PLACE = (ClinicSession.specialty, RegisterEntry.centre)


def _prescriptions(cells: Cells, day: date) -> None:
    """Count prescriptions and their versions, medicines by class of the guidelines, warnings issued over."""
    written = Event.select(Event.name, *PLACE).join(Prescription, on=Event.subject == Prescription.uid).join(Visit)
    for name, specialty, centre in _of_visits(written, day):
        if name in {"PrescriptionIssued", "PrescriptionAmended"}:
            cells[specialty, centre, MEDICINES][f"event/{name}"] += 1
    newest = Prescription.replaced_at.is_null() & Prescription.cancelled_at.is_null()
    items = PrescribedItem.select(PrescribedItem.tele_class, *PLACE).join(Prescription).join(Visit).where(newest)
    for tele_class, specialty, centre in _of_visits(items, day):
        cells[specialty, centre, MEDICINES][f"class/{tele_class or 'unlisted'}"] += 1
    overridden = Override.select(Override.rule, *PLACE).join(Prescription).join(Visit)
    for rule, specialty, centre in _of_visits(overridden, day):
        cells[specialty, centre, MEDICINES][f"override/{rule}"] += 1


def _dispensed(cells: Cells, day: date) -> None:
    """Count what was handed over, and how long after issuing the first time was."""
    columns = (Event.name, Event.at, Dispensing.reversed_at, Prescription.id, Prescription.issued_at, *PLACE)
    rows = Event.select(*columns).join(Dispensing, on=Event.subject == Dispensing.uid).join(Prescription).join(Visit)
    first: dict[int, datetime] = {}
    for name, at, reversed_at, prescription, issued_at, specialty, centre in _of_visits(rows, day):
        if name not in {"MedicinesDispensed", "DispensingReversed"}:
            continue
        found = cells[specialty, centre, MEDICINES]
        found[f"event/{name}"] += 1
        if name == "MedicinesDispensed" and reversed_at is None and prescription not in first:
            first[prescription] = at
            found[f"delay/{bucket_of(at - issued_at)}"] += 1


def _video(cells: Cells, day: date) -> None:
    """Count rooms by provider, and the worst quality that either side told of each."""
    rooms = CallRoom.select(CallRoom.id, CallRoom.provider, *PLACE).join(Visit)
    told = CallEvent.select(CallEvent.room, CallEvent.word).join(CallRoom).join(Visit)
    worst: dict[int, str] = {}
    for room, word in _of_visits(told.where(CallEvent.kind == "quality"), day):
        if word in QUALITIES:
            worst[room] = max(worst.get(room, word), word, key=QUALITIES.index)
    for room, provider, specialty, centre in _of_visits(rooms, day):
        cells[specialty, centre, VIDEO][f"room/{provider}"] += 1
        cells[specialty, centre, VIDEO][f"quality/{provider}/{worst.get(room, 'untold')}"] += 1


def _feedback(cells: Cells, day: date) -> None:
    given = Feedback.select(Feedback.rating, *PLACE).join(Visit)
    for rating, specialty, centre in _of_visits(given, day):
        cells[specialty, centre, FEEDBACK][f"rating/{rating}"] += 1


def _texts(cells: Cells, day: date) -> None:
    """Count texts by kind, language and state; they belong to a mobile, so to no specialty and no centre."""
    columns = (Message.template, Message.language, Message.state)
    counted: Any = Message.select(*columns, fn.COUNT(Message.id)).where(_within(Message.created_at, day))
    found: Counter[str] = cells[ALL, ALL, TEXTS]
    for template, language, state, count in counted.group_by(*columns).tuples():
        found[f"text/{template}/{language}/{state}"] += count
    if not found:
        del cells[ALL, ALL, TEXTS]
