"""What is deleted of a person's visits: words, notes, prescriptions with their files, calls, and what was shown."""

from collections.abc import Sequence
from typing import Any

from portal.core.calls.models import CallRoom
from portal.core.consults.models import Consult
from portal.core.dispensing.models import Dispensing, Indent, IndentPermission, Permission
from portal.core.family.models import Share
from portal.core.family.print_models import LargePrint
from portal.core.prescriptions.models import Prescription, PrescriptionFile
from portal.core.records import previews
from portal.core.records.models import Record
from portal.core.referrals.models import Referral
from portal.core.referring.models import FollowUpReminder
from portal.core.rights.clearing import doomed
from portal.core.rights.clearing.scope import Scope
from portal.core.visits.models import Feedback, Transition, Visit
from portal.core.visits.states import BACK_TO, FINAL
from portal.store.filing import current
from portal.work.audit import SYSTEM

Query = Any  # a select of whole rows of one table


def complaints(scope: Scope) -> Query:
    """Select visits that still say why they came. The row, its number and its states stay: figures need them."""
    return Visit.select().where(Visit.id.in_(scope.visits()) & (Visit.complaint != "") & Visit.state.in_(FINAL))


def clear_complaints(rows: Sequence[Any]) -> None:
    """Empty what people wrote of visits and of their steps."""
    ids = [row.id for row in rows]
    own = Transition.visit.in_(ids)
    Transition.update(before=None).where(own & Transition.before.is_null(False)).execute()
    typed = (Transition.actor_kind != SYSTEM.kind) & ~Transition.reason.startswith(BACK_TO)  # the others are codes
    Transition.update(reason="").where(own & typed).execute()
    FollowUpReminder.delete().where(FollowUpReminder.visit.in_(ids)).execute()
    Visit.update(complaint="").where(Visit.id.in_(ids)).execute()


def notes(scope: Scope) -> Query:
    """Select the doctors' notes."""
    return Consult.select().where(Consult.visit.in_(scope.visits()))


def prescriptions(scope: Scope) -> Query:
    """Select the prescriptions, the newest version first."""
    return Prescription.select().where(Prescription.visit.in_(scope.visits())).order_by(Prescription.id.desc())


def clear_prescriptions(rows: Sequence[Any]) -> None:
    """Delete prescriptions with medicines, what was given out on them, orders, and every file."""
    ids = [row.id for row in rows]
    later = PrescriptionFile.select().where(PrescriptionFile.prescription.in_(ids))
    names = [row.stored_name for row in (*rows, *later) if row.stored_name]
    large = LargePrint.select(LargePrint.prescription).where(LargePrint.prescription.in_(ids))
    printed = {row.prescription_id for row in large}
    doomed.doom(current.PRESCRIPTIONS, names)
    doomed.doom(current.LARGE_PRINT, [f"{row.uid}.pdf" for row in rows if row.id in printed])
    scans = _scans(ids)
    delete_with_parts(rows)
    clear_records(scans)


def _scans(prescriptions: Sequence[int]) -> list[Record]:
    """List the scans of the letters by which more was given or ordered on these prescriptions."""
    given = Permission.select(Permission.scan).join(Dispensing).where(Dispensing.prescription.in_(prescriptions))
    ordered = IndentPermission.select(IndentPermission.scan).join(Indent).where(Indent.prescription.in_(prescriptions))
    return list(Record.select().where(Record.id.in_(given) | Record.id.in_(ordered)))


def records(scope: Scope) -> Query:
    """Select the uploads: of visits; of requests, referrals and the person where no visit is held."""
    mine = Record.visit.in_(scope.visits())
    if scope.is_whole:
        referrals = Referral.select(Referral.id).where(Referral.entry == scope.entry)
        loose = Record.referral.in_(referrals)
        if scope.person is not None:
            loose |= Record.beneficiary == scope.person
        mine |= loose & Record.visit.is_null()
    return Record.select().where(mine)


def clear_records(rows: Sequence[Any]) -> None:
    """Delete uploads with their previews and files."""
    for row in rows:
        doomed.doom(current.RECORDS, [row.stored_name, *previews.names_of(row)])
    delete_with_parts(rows)


def calls(scope: Scope) -> Query:
    """Select the call rooms; their log goes with them."""
    return CallRoom.select().where(CallRoom.visit.in_(scope.visits()))


def shares(scope: Scope) -> Query:
    """Select what the family showed to others."""
    return Share.select().where(Share.visit.in_(scope.visits()))


def feedback(scope: Scope) -> Query:
    """Select feedback in words; the answer that was ticked stays, as figures count it."""
    return Feedback.select().where(Feedback.visit.in_(scope.visits()) & (Feedback.text != ""))


def clear_feedback(rows: Sequence[Any]) -> None:
    """Empty the words of feedback."""
    Feedback.update(text="").where(Feedback.id.in_([row.id for row in rows])).execute()


def delete_with_parts(rows: Sequence[Any]) -> None:
    """Delete rows with all rows that point to them."""
    for row in rows:
        row.delete_instance(recursive=True)
