"""Opening, saving and reading the notes of a visit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import peewee

from portal.base import clock
from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.identity import age_on
from portal.core.calls import call_log
from portal.core.clinic.models import ClinicSession
from portal.core.consults import comparing, editions, manner, panels
from portal.core.consults.models import Consult
from portal.core.formulary import versions
from portal.core.prescribing import answers, attending
from portal.core.prescribing import notes as forms
from portal.core.prescribing.attending import Attending
from portal.core.prescribing.judging import Judgement
from portal.core.prescribing.law import Known
from portal.core.prescribing.notes import Item, Notes
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import ACTIVE, CALLED, COMPLETED, OPEN
from portal.settings.clinic import PaperRules
from portal.store.db import locked, write
from portal.store.prepared import Prepared
from portal.work import audit
from portal.work.audit import Actor

DAYS = ("follow_up_on", "seen_in_person_on", "last_period_on")


def treating(doctor: Staff, uid: str) -> Visit:
    """Get the visit this doctor has now. Raises NotFound for anybody else's, or when it has ended (S05)."""
    visit = Visit.get_or_none((Visit.uid == uid) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE))
    if visit is None:
        raise NotFound
    return visit


def writing(doctor: Staff, uid: str) -> Visit:
    """Get the visit whose notes this doctor writes: the present one, or one whose prescription is being corrected."""
    return editions.amended_by(doctor.id, uid) or treating(doctor, uid)


def written(doctor: Staff, uid: str, *, by: Actor, now: datetime) -> Visit:
    """Get a finished visit whose notes this doctor wrote, and audit the reading. Raises NotFound."""
    mine = (Visit.uid == uid) & (Consult.doctor == doctor) & Visit.state.not_in(ACTIVE)
    visit = Visit.select(Visit).join(Consult).where(mine).first()
    if visit is None:
        raise NotFound
    audit.note("ConsultRead", uid, by=by, now=now)
    return visit  # type: ignore[no-any-return]


def gone_back(doctor: Staff, uid: str) -> Visit | None:
    """Get an open visit that this doctor had called and lost: after a lost call somebody comes back."""
    called = Transition.select(Transition.id).where(
        (Transition.visit == Visit.id) & (Transition.to_state == CALLED) & (Transition.actor_uid == doctor.uid)
    )
    mine = (Visit.uid == uid) & Visit.state.in_(OPEN) & peewee.fn.EXISTS(called)
    found: Visit | None = Visit.get_or_none(mine & (Visit.doctor.is_null() | (Visit.doctor != doctor)))
    return found


def written_before(visit: Visit) -> list[Consult]:
    """List the notes of the visits that this one continues (a transfer), oldest first: for the treating doctor."""
    found, older = [], Visit.get_or_none(Visit.moved_to == visit)
    while older is not None:
        found.append(consult_of(older))
        older = Visit.get_or_none(Visit.moved_to == older)
    return [consult for consult in reversed(found) if consult is not None]


def consult_of(visit: Visit) -> Consult | None:
    """Return the newest notes of a visit, if any were written."""
    found: Consult | None = _newest_notes.first(visit.id)
    return found


@Prepared
def _newest_notes(visit: object) -> peewee.Select:
    return Consult.select().where(Consult.visit == visit).order_by(Consult.edition.desc()).limit(1)


def as_notes(consult: Consult) -> Notes:
    """Map a row to notes."""
    same = (
        *forms.TEXT_LIMITS,
        "icd10",
        "follow_up_on",
        "seen_in_person_on",
        "last_period_on",
        "vitals",
        "mode",
        "kind",
        "unread",
    )
    values: dict[str, Any] = {name: getattr(consult, name) for name in same}
    return Notes(
        **values,
        items=tuple(Item(place, **row) for place, row in enumerate(consult.items)),
        attending=Attending(consult.present, **consult.guardian, consent=consult.consent_at is not None),
        identity=consult.identity_confirmed_at is not None,
        age=consult.age_confirmed_at is not None,
    )


def saved_at(visit: Visit) -> datetime | None:
    """Return when the notes were last saved."""
    consult = consult_of(visit)
    return consult.saved_at if consult else None


def notes_of(visit: Visit, doctor: Staff) -> Notes:
    """Return the notes so far; before the first save, the defaults of the consult. The mode is the present one."""
    consult = consult_of(visit)
    mode = _mode_now(visit, consult, doctor, clock.now())
    if consult is not None:
        notes = replace(as_notes(consult), mode=consult.mode if consult.ended_at else mode)
        return notes if consult.doctor_id == doctor.id else _unconfirmed(notes)
    return Notes(mode=mode, kind=likely_kind(visit, doctor))


def judged(visit: Visit, doctor: Staff, notes: Notes | None = None) -> Judgement:
    """Apply the rules to the medicines of a draft; without `notes`, to the stored one."""
    notes = notes or notes_of(visit, doctor)
    return Judgement(notes, versions.in_force(), known_of(visit, doctor))


def judged_form(visit: Visit, doctor: Staff, form: Mapping[str, str], now: datetime) -> Judgement:
    """Apply the rules to a form that is not saved yet; mode and kind as stored where it has none."""
    typed, written = forms.read(form, today=clinic_day(now)), notes_of(visit, doctor)
    return judged(visit, doctor, replace(typed, mode=typed.mode or written.mode, kind=typed.kind or written.kind))


def known_of(visit: Visit, doctor: Staff) -> Known:
    """Collect what the clinic knows of the patient and the rules of prescribing need."""
    moment = clock.now()
    return Known(
        age=age_on(visit.beneficiary.entry.date_of_birth, visit.session.day),
        prescribed=panels.of(visit, "prescribed")["prescribed"],
        was_here=likely_kind(visit, doctor) == "follow_up",
        answered=answers.answered_by(doctor),
        picture=manner.picture_of(consult_of(visit), call_log.sight_of(visit, doctor.uid, moment), moment),
        strict=PaperRules.in_force().followup_requires_in_person == "yes",
    )


def save_notes(visit: Visit, doctor: Staff, notes: Notes, *, seen: str, by: Actor, now: datetime) -> Consult:
    """Save the draft. `seen` is the version that the window was based on; empty when it does not say.

    Raises Changed when that is stale (optimistic locking), Conflict once the notes are closed.
    """
    with write():
        is_issued = _lock(visit, doctor).issued_at is not None
        draft, consult = editions.draft_of(visit), consult_of(visit)
        if is_issued and draft is None:
            raise Conflict(_("The prescription is issued; the notes of this visit are closed."))
        require_current(visit, doctor, notes, seen)
        consult = consult or _begin(visit, doctor, now)
        if _apply(consult, doctor, notes, by, now):
            consult.saved_at, consult.version = now, consult.version + 1
            consult.save()
            audit.note("NotesSaved", visit.uid, by=by, now=now)
    return consult


def version_of(visit: Visit) -> str:
    """Return the current version of the notes."""
    consult = consult_of(visit)
    return str(consult.version if consult else 0)


def require_current(visit: Visit, doctor: Staff, notes: Notes, seen: str) -> None:
    """Check that the window is not stale, or saves the same. Raises Changed with both texts.

    A script that names no version is accepted as long as nothing stored would be lost.
    """
    version, stored = version_of(visit), notes_of(visit, doctor)
    typed = replace(notes, mode=notes.mode or stored.mode, kind=notes.kind or stored.kind)
    if seen == version or (not seen and not comparing.loses(stored, typed)):
        return
    error = comparing.changed(version, stored, typed)
    if error.differences:
        raise error


def close_notes(visit: Visit, doctor: Staff, notes: Notes, *, seen: str, by: Actor, now: datetime) -> Consult:
    """Save for the last time, with the computed quantities."""
    with write():
        consult = save_notes(visit, doctor, replace(notes, mode=None), seen=seen, by=by, now=now)
        consult.ended_at = now
        consult.save()
    return consult


def likely_kind(visit: Visit, doctor: Staff) -> str:
    """Guess the kind: a follow-up within six months of a visit that this doctor completed; the doctor may change it."""
    since = visit.session.day - forms.FOLLOW_UP_WITHIN
    return "follow_up" if _completed_by.first(visit.beneficiary_id, doctor.id, visit.id, since) else "first"


@Prepared
def _completed_by(person: object, doctor: object, other_than: object, since: object) -> peewee.Select:
    # + 0: by the patient, who has few visits. By the doctor, all that he ever completed would be read.
    of_both = (Visit.beneficiary == person) & (Visit.doctor + 0 == doctor) & (Visit.state == COMPLETED)
    rows = Visit.select(Visit.id).join(ClinicSession).where(of_both)
    return rows.where((Visit.id != other_than) & (ClinicSession.day >= since)).limit(1)


def _unconfirmed(notes: Notes) -> Notes:
    """Take out what a colleague confirmed: everybody asks for himself."""
    return replace(notes, identity=False, age=False, attending=replace(notes.attending, consent=False))


def _lock(visit: Visit, doctor: Staff) -> Visit:
    """Lock the visit for one writer, and only while it is still this doctor's, or corrected by him. Raises Conflict."""
    found: Visit = locked(Visit.select().where(Visit.id == visit.id)).get()
    is_present = found.doctor_id == visit.doctor_id and found.state in ACTIVE
    if not is_present and editions.amended_by(doctor.id, visit.uid) is None:
        raise Conflict(_("This has changed in the meantime. The page now shows the present state."))
    return found


def switch(visit: Visit, mode: str, *, by: Actor, now: datetime) -> None:
    """Go on by telephone, or back to video: from here on the log counts, and no earlier statement."""
    with write():
        call_log.change_mode(visit, mode, by=by, now=now)
        Consult.update(mode_stated_at=None).where((Consult.visit == visit) & Consult.ended_at.is_null()).execute()


def _mode_now(visit: Visit, consult: Consult | None, doctor: Staff, now: datetime) -> str:
    sight = call_log.sight_of(visit, doctor.uid, now)
    return manner.mode_of(consult, doctor.uid, sight, call_log.mode_of(visit))


def _settled(consult: Consult, doctor: Staff, wanted: str | None, *, by: Actor, now: datetime) -> str:
    """Return the mode in force; another one that the doctor wants is stored as a statement, with its time.

    The call follows to the telephone and back.
    """
    mode = _mode_now(consult.visit, consult, doctor, now)
    if not wanted or wanted == mode:
        return mode
    consult.stated_mode, consult.mode_stated_at = wanted, now
    audit.note("ModeStated", consult.visit.uid, by=by, now=now, mode=wanted, logged=mode)
    if consult.edition == 1:
        call_log.follow_statement(consult.visit, wanted, by=by, now=now)
    return wanted


def _begin(visit: Visit, doctor: Staff, now: datetime) -> Consult:
    return Consult.create(
        visit=visit,
        doctor=doctor,
        started_at=now,
        saved_at=now,
        kind=likely_kind(visit, doctor),
    )


def _apply(consult: Consult, doctor: Staff, notes: Notes, by: Actor, now: datetime) -> bool:
    """Write the notes into the row; tell whether that changed anything."""
    before, notes = (as_notes(consult), consult.doctor_id), forms.renumbered(notes)
    if consult.doctor_id != doctor.id:  # a confirmation is the doctor's own
        consult.identity_confirmed_at = consult.age_confirmed_at = consult.consent_at = consult.mode_stated_at = None
    for name in (*forms.TEXT_LIMITS, "icd10", *DAYS):
        setattr(consult, name, getattr(notes, name))
    consult.doctor, consult.vitals, consult.unread = doctor, dict(notes.vitals), dict(notes.unread)
    consult.items = [forms.stored(item) for item in notes.items]
    consult.added = manner.added(consult.added, notes.items, now)
    consult.mode = _settled(consult, doctor, notes.mode, by=by, now=now)
    consult.kind = notes.kind or consult.kind
    consult.identity_confirmed_at = (consult.identity_confirmed_at or now) if notes.identity else None
    consult.age_confirmed_at = (consult.age_confirmed_at or now) if notes.age else None
    consult.present, consult.guardian = notes.attending.present, attending.stored(notes.attending)
    consult.consent_at = (consult.consent_at or now) if notes.attending.consent else None
    return before != (as_notes(consult), doctor.id)
