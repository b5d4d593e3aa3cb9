"""Drafts of a further version: the notes of an issued prescription, opened again by their author.

Each is a row of its own, copied from the closed one, which stays as it was.
"""

from datetime import datetime

import peewee

from portal.core.consults.models import Consult
from portal.core.visits.models import Visit
from portal.store.db import locked, write
from portal.store.prepared import Prepared
from portal.work import audit
from portal.work.audit import Actor

OWN = {"id", "edition", "version", "amended_because", "ended_at", "saved_at"}  # of each row, not copied


def draft_of(visit: Visit) -> Consult | None:
    """Return the open draft of a further version, if there is one."""
    found: Consult | None = _draft.first(visit.id)
    return found


@Prepared
def _draft(visit: object) -> peewee.Select:
    return Consult.select().where((Consult.visit == visit) & (Consult.edition > 1) & Consult.ended_at.is_null())


def amended_by(doctor_id: int, uid: str) -> Visit | None:
    """Get the visit whose issued notes this doctor is correcting; None for anybody else's."""
    mine = (Visit.uid == uid) & (Consult.doctor == doctor_id) & (Consult.edition > 1) & Consult.ended_at.is_null()
    found: Visit | None = Visit.select(Visit).join(Consult).where(mine).first()
    return found


def is_last() -> peewee.Expression:
    """The condition for the notes that hold of each visit: those of the newest version, never an open draft."""
    other = Consult.alias()
    later = (other.visit == Consult.visit) & (other.edition > Consult.edition) & other.ended_at.is_null(False)
    is_closed = (Consult.edition == 1) | Consult.ended_at.is_null(False)
    found: peewee.Expression = is_closed & ~peewee.fn.EXISTS(other.select(other.id).where(later))
    return found


def withdraw(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Mark the notes of a cancelled prescription, so that it is never repeated; an open draft is given up."""
    give_up(visit, by=by, now=now)
    Consult.update(withdrawn_at=now).where(Consult.visit == visit).execute()


def begin(visit: Visit, reason: str, *, by: Actor, now: datetime) -> Consult:
    """Open the notes again, for the given reason. An open draft stays as it is, with the newest reason."""
    with write():
        locked(Visit.select().where(Visit.id == visit.id)).first()
        draft = draft_of(visit)
        if draft is None:
            audit.note("NotesReopened", visit.uid, by=by, now=now)
            return _copied(visit, reason, now)
        Consult.update(amended_because=reason).where(Consult.id == draft.id).execute()
    return draft


def give_up(visit: Visit, *, by: Actor, now: datetime) -> bool:
    """Delete the draft; what is issued holds. False when there is none (any more)."""
    is_open = (Consult.visit == visit) & (Consult.edition > 1) & Consult.ended_at.is_null()
    with write():
        is_gone = bool(Consult.delete().where(is_open).execute())
        if is_gone:
            audit.note("CorrectionGivenUp", visit.uid, by=by, now=now)
    return is_gone


def _copied(visit: Visit, reason: str, now: datetime) -> Consult:
    last = Consult.select().where(Consult.visit == visit).order_by(Consult.edition.desc()).get()
    values = {name: value for name, value in last.__data__.items() if name not in OWN}
    row: Consult = Consult.create(**values, edition=last.edition + 1, amended_because=reason, saved_at=now)
    return row
