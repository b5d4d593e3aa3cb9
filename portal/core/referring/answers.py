"""What became of a referral: its consultations, and what the specialist answered, as the officer may read it.

The answer is the issued prescription, never a draft. Of a private specialty only the medicines are for the officer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.paper.content import Content
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.models import Referral
from portal.core.visits.models import Visit
from portal.core.visits.states import CARRIED, COMPLETED, OPEN, TRANSFERRED
from portal.work.audit import Actor


@dataclass(frozen=True)
class Answer:
    """One visit on a referral. `doctor`, `specialty` and `content` are empty where they are not for this reader.

    `medicines` are those of the prescription's newest version; `prescription` is None while none is issued.
    """

    visit: Visit
    specialty: Specialty | None
    doctor: Staff | None
    prescription: Prescription | None = None
    content: Content | None = None
    medicines: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The clinic day of the visit."""
        day: date = self.visit.session.day
        return day

    @property
    def is_over(self) -> bool:
        """Is there, or can there be, nothing more to come?"""
        return self.visit.state not in OPEN


def answers_on(referral: Referral, reader: Staff, *, by: Actor, now: datetime) -> list[Answer]:
    """List the visits on a referral, the newest first; each prescription that is read is audited.

    A visit that went on in another one (transferred, carried) is left out: its successor tells.
    """
    rows = Visit.select(Visit, ClinicSession, Specialty).join(ClinicSession).join(Specialty)
    found = rows.where((Visit.referral == referral) & Visit.state.not_in((TRANSFERRED, CARRIED)))
    return [_answer(visit, referral, reader, by, now) for visit in found.order_by(Visit.id.desc())]


def is_answered(*, is_new: bool = False) -> peewee.Function:
    """Condition of referrals on which a specialist has prescribed; `is_new`: later than an officer noted it."""
    mine = (Visit.referral == Referral.id) & Visit.issued_at.is_null(False)
    if is_new:
        mine &= Referral.answer_noted_at.is_null() | (Visit.issued_at > Referral.answer_noted_at)
    return peewee.fn.EXISTS(Visit.select(peewee.SQL("1")).where(mine))


def is_new(referral: Referral, answers: Iterable[Answer]) -> bool:
    """Is there an answer that no officer has noted yet?"""
    noted, moments = referral.answer_noted_at, [each.visit.issued_at for each in answers if each.visit.issued_at]
    return bool(moments) and (noted is None or max(moments) > noted)


def answered_at(referrals: Iterable[Referral]) -> dict[int, datetime]:
    """Map referrals to when a specialist last prescribed on them; those without an answer are left out."""
    last = peewee.fn.MAX(Visit.issued_at)
    rows = Visit.select(Visit.referral, last).where(Visit.referral.in_([row.id for row in referrals]))
    found: Any = rows.where(Visit.issued_at.is_null(False)).group_by(Visit.referral).tuples()
    return dict(found)


def _answer(visit: Visit, referral: Referral, reader: Staff, by: Actor, now: datetime) -> Answer:
    specialty = visit.session.specialty
    is_told = not specialty.is_private or specialty.id == referral.specialty_id
    shown = specialty if is_told else None
    doctor = visit.doctor if visit.state == COMPLETED and not specialty.is_private else None
    if visit.issued_at is None:
        return Answer(visit, shown, doctor)
    issued = reading.open_for_staff(reader, visit.uid, by=by, now=now)
    medicines = tuple(_in_words(item) for item in reading.items_of(issued))
    may_read = reading.may_read_notes(issued, reader)
    content = Content.from_json(issued.content) if may_read else None
    return Answer(visit, shown, doctor, issued, content, medicines)


def _in_words(item: object) -> str:
    parts = (getattr(item, name) for name in ("drug", "strength", "form", "dose", "frequency"))
    return " ".join(part for part in parts if part)
