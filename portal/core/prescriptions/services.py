"""Issuing a prescription."""

from datetime import datetime, timedelta

from portal.base.clock import clinic_day, ist
from portal.base.errors import Conflict, Invalid
from portal.base.keys import random_uid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.consults import services as consults
from portal.core.consults.models import Consult
from portal.core.formulary import versions
from portal.core.prescribing import needs
from portal.core.prescribing.judging import Asked, Judgement
from portal.core.prescriptions import codes, compose, making
from portal.core.prescriptions.events import PrescriptionIssued
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.core.visits.states import IN_CALL, WRITING
from portal.settings.clinic import PaperRules
from portal.store.db import write
from portal.store.numbers import next_number
from portal.work import jobs
from portal.work.audit import Actor
from portal.work.events import record


def issue_prescription(
    visit: Visit, doctor: Staff, *, base_url: str, by: Actor, now: datetime, judged: str | None = None
) -> Prescription:
    """Issue the notes as an immutable prescription with number and code; a job makes its file.

    `judged`: what the doctor's tick answers, a `Question.about`; "" for whatever is asked, None for no tick. Raises
    Conflict unless in call or writing or when one is issued already, Changed after a concurrent save, Invalid with
    every invalid field, Asked with what only the doctor can answer, a reason included.
    """
    if visit.state not in (IN_CALL, WRITING):
        raise Conflict(_("A prescription can be issued during the call or while writing."))
    seen = consults.version_of(visit)
    notes = needs.with_quantities(consults.notes_of(visit, doctor))
    known = consults.known_of(visit, doctor)
    judgement = Judgement(notes, versions.in_force(), known)
    if problems := needs.problems_of(notes, today=clinic_day(now), age=known.age) | judgement.refusals:
        raise Invalid(problems)
    asked = judgement.question
    if asked and (judged not in {"", asked.about} or judgement.unreasoned):
        raise Asked(asked, judgement.unreasoned)
    with write():
        consult = consults.close_notes(visit, doctor, notes, seen=seen, by=by, now=now)
        issued = _create(visit, doctor, consult, judgement, base_url, now)
        jobs.enqueue(making.make_pdf, issued.id)
        record(
            PrescriptionIssued(
                visit=visit.uid,
                number=issued.number,
                medicines=len(notes.items),
                outside_lists=len(judgement.outside_lists),
                judged=asked is not None,
            ),
            issued.uid,
            by=by,
            now=now,
        )
    return issued


def _create(
    visit: Visit, doctor: Staff, consult: Consult, judgement: Judgement, base_url: str, now: datetime
) -> Prescription:
    code, month = codes.make_code(), f"{ist(now):%y%m}"
    number = f"RX-{month}-{next_number(f'rx-{month}'):06d}"
    valid_until = clinic_day(now) + timedelta(days=PaperRules.in_force().prescription_valid_days)
    seal = compose.Seal(number, code, f"{base_url}/rx/{code}", valid_until)
    content = compose.content_of(visit, doctor, consult, judgement.notes, seal, now=now)
    issued = Prescription.create(
        number=number,
        code=code,
        visit=visit,
        doctor=doctor,
        beneficiary=visit.beneficiary,
        content=content.to_json(),
        issued_at=now,
        valid_until=valid_until,
        stored_name=f"{random_uid()}.pdf",
    )
    Visit.update(issued_at=now).where(Visit.id == visit.id).execute()
    for position, (row, item) in enumerate(zip(judgement.rows, content.items, strict=True)):
        PrescribedItem.create(
            prescription=issued,
            position=position,
            tele_class=row.tele_class,
            judged=judgement.kept(position),
            **vars(item),
        )
    return issued
