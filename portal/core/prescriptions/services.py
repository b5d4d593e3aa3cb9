"""Issuing a prescription."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.base.clock import clinic_day, ist
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import bump
from portal.core.consults import checking
from portal.core.consults import services as consults
from portal.core.formulary import versions
from portal.core.paper import codes
from portal.core.paper.content import Correction
from portal.core.prescribing import answers, needs, validity
from portal.core.prescribing.judging import Asked, Judgement
from portal.core.prescribing.safety import concerns as safety
from portal.core.prescribing.safety.concerns import Concern
from portal.core.prescriptions import amending, compose, making, overrides, reading
from portal.core.prescriptions.events import PrescriptionAmended, PrescriptionIssued
from portal.core.prescriptions.files import later
from portal.core.prescriptions.models import NEWEST, PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.core.visits.states import IN_CALL, WRITING
from portal.store.db import claim, write
from portal.store.numbers import next_number
from portal.work import jobs
from portal.work.audit import Actor
from portal.work.events import record

Problems = dict[str, str]


@dataclass(frozen=True)
class Ready:
    """Notes that passed every rule, so that they can be issued. `seen` is their version."""

    seen: str
    judgement: Judgement
    concerns: tuple[Concern, ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """What the event of issuing says of the medicines."""
        judgement = self.judgement
        return {
            "medicines": len(judgement.rows),
            "outside_lists": len(judgement.outside_lists),
            "judged": bool(judgement.question or safety.question_of(self.concerns)),
        }


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
    ready = checked(visit, doctor, now=now, judged=judged)
    with write():
        issued = store(visit, doctor, ready, base_url=base_url, by=by, now=now)
        Visit.update(issued_at=now).where(Visit.id == visit.id).execute()
        told = PrescriptionIssued(visit=visit.uid, number=issued.number, **ready.told)
        record(told, issued.uid, by=by, now=now)
    return issued


def issue_version(
    visit: Visit, doctor: Staff, *, base_url: str, by: Actor, now: datetime, judged: str | None = None
) -> Prescription:
    """Issue the draft as the next version; what was given is carried over, item by item.

    Judged as at the first time (`issue_prescription` tells `judged` and what it raises); Invalid also for a
    new medicine, Conflict when the version before was replaced or cancelled concurrently, or it is too late.
    """
    before = reading.newest_of(visit.uid)
    amending.require_in_time(before, now)
    ready = checked(visit, doctor, now=now, judged=judged, before=before)
    with write():
        bump(visit.session)  # first, as the job that makes the file does
        holds = (Prescription.id == before.id) & Prescription.cancelled_at.is_null() & NEWEST
        if not claim(Prescription.update(replaced_at=now, signature=later.wanted()).where(holds)):
            raise Conflict(_("This prescription was corrected or cancelled in the meantime."))
        later.enqueue(before)
        issued = store(visit, doctor, ready, base_url=base_url, by=by, now=now, before=before)
        amending.hand_down(before, issued, now)
        told = PrescriptionAmended(
            visit=visit.uid, number=issued.number, version=issued.version, replaces=before.number, **ready.told
        )
        record(told, issued.uid, by=by, now=now)
    return issued


def checked(
    visit: Visit,
    doctor: Staff,
    *,
    now: datetime,
    judged: str | None,
    before: Prescription | None = None,
) -> Ready:
    """Apply every rule to the notes, of a correction also its own. Raises Invalid and Asked."""
    seen = consults.version_of(visit)
    notes = needs.with_quantities(consults.notes_of(visit, doctor))
    known = consults.known_of(visit, doctor)
    judgement = Judgement(notes, versions.in_force(), known)
    problems = needs.problems_of(notes, today=clinic_day(now), age=known.age) | judgement.refusals
    if before:
        problems |= amending.new_ones(before, judgement) | amending.raised_after_giving(before, notes.items)
    if problems:
        raise Invalid(problems)
    concerns = checking.concerns_of(visit, notes) + (amending.asked_of(before, notes.items) if before else ())
    asked = safety.joined(judgement.question, safety.question_of(concerns))
    lacking = judgement.unreasoned | safety.unreasoned(concerns, {item.place: item.reason for item in notes.items})
    if asked and (judged not in {"", asked.about} or lacking):
        raise Asked(asked, lacking)
    return Ready(seen, judgement, concerns)


def store(
    visit: Visit,
    doctor: Staff,
    ready: Ready,
    *,
    base_url: str,
    by: Actor,
    now: datetime,
    before: Prescription | None = None,
) -> Prescription:
    """Close the notes and store what they prescribe, in the current transaction; `before` is the version it replaces.

    Raises Changed after a concurrent save, Conflict when the notes are closed.
    """
    judgement = ready.judgement
    consult = consults.close_notes(visit, doctor, judgement.notes, seen=ready.seen, by=by, now=now)
    since = clinic_day(amending.first_of(before).issued_at if before else now)
    terms = validity.terms_of(judgement.notes.items, since)
    more = tuple(item.drug for item in amending.raised(before, judgement.notes.items)) if before else ()
    seal = _seal(before, consult.amended_because, more, validity.last_day(terms, since), base_url, now)
    content = compose.content_of(visit, doctor, consult, judgement.notes, seal, now=now)
    issued: Prescription = Prescription.create(
        number=seal.number,
        code=seal.code,
        version=consult.edition,
        visit=visit,
        doctor=doctor,
        beneficiary=visit.beneficiary,
        content=content.to_json(),
        issued_at=now,
        valid_until=seal.valid_until,
        replaces=before,
        reason=consult.amended_because,
    )
    for position, (row, item, term) in enumerate(zip(judgement.rows, content.items, terms, strict=True)):
        PrescribedItem.create(
            prescription=issued,
            position=position,
            tele_class=row.tele_class,
            judged=judgement.kept(position),
            chronic=term.chronic,
            valid_until=term.until,
            **vars(item),
        )
    overrides.keep(issued, ready.concerns, judgement.notes)
    answers.keep(doctor, judgement.answers, now)
    jobs.enqueue(making.make_pdf, issued.id)
    return issued


def _seal(
    before: Prescription | None, reason: str, more: tuple[str, ...], valid_until: date, base_url: str, now: datetime
) -> compose.Seal:
    """Make number and code; a further version names the one it replaces."""
    code, month = codes.make_code(), f"{ist(now):%y%m}"
    number, address = f"RX-{month}-{next_number(f'rx-{month}'):06d}", f"{base_url}/rx/{code}"
    if before is None:
        return compose.Seal(number, code, address, valid_until)
    correction = Correction(before.version + 1, before.number, clinic_day(before.issued_at), reason, more)
    return compose.Seal(number, code, address, valid_until, correction)
