"""What amending may change, and what it carries over: services.issue_version issues the next version."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.accounts.models import Staff
from portal.core.consults import editions
from portal.core.formulary import versions
from portal.core.prescribing import carrying, reasons
from portal.core.prescribing.carrying import Line
from portal.core.prescribing.judging import Judgement
from portal.core.prescribing.notes import Item
from portal.core.prescribing.safety.concerns import Concern
from portal.core.prescribing.safety.doses import a_day_of
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.work.audit import Actor

Follower = Callable[[Prescription, Prescription, datetime], None]
_followers: list[Follower] = []
AMEND_WITHIN = timedelta(days=7)  # of the first version: safety.md, S05


def may_amend(issued: Prescription, doctor: Staff, now: datetime) -> bool:
    """May this doctor correct it now: the author, in time, and it holds?"""
    holds = issued.cancelled_at is None and issued.replaced_at is None
    return holds and issued.doctor_id == doctor.id and now < _until(issued)


def begin(visit_uid: str, doctor: Staff, reason: str, *, by: Actor, now: datetime) -> Visit:
    """Open the notes of the newest version again, as a draft of the next one. An open draft needs no other reason.

    Raises NotFound unless this doctor wrote it, Conflict when it is too late or cancelled, Invalid without a reason.
    """
    issued = reading.newest_of(visit_uid)
    if issued.doctor_id != doctor.id:
        raise NotFound
    require_in_time(issued, now)
    if reason.strip() or editions.draft_of(issued.visit) is None:
        editions.begin(issued.visit, reasons.read(reason), by=by, now=now)
    return issued.visit


def first_of(issued: Prescription) -> Prescription:
    """Return the first version: from its day on every later one counts, for correcting and at the pharmacy."""
    found: Prescription = Prescription.get((Prescription.visit == issued.visit_id) & (Prescription.version == 1))
    return found


def _until(issued: Prescription) -> datetime:
    until: datetime = first_of(issued).issued_at + AMEND_WITHIN
    return until


def require_in_time(issued: Prescription, now: datetime) -> None:
    """Raise Conflict when it is cancelled, or too late."""
    if issued.cancelled_at is not None:
        raise Conflict(_("This prescription is cancelled. A new one needs a consultation."))
    if now >= (until := _until(issued)):
        raise Conflict(
            _(
                "This could be corrected until %(day)s. Cancel it, or see the patient again.",
                day=show_date(clinic_day(until)),
            )
        )


def new_ones(before: Prescription, found: Judgement) -> dict[str, str]:
    """Refuse a substance that no version before had; what was stopped may come back, a misspelt name be put right."""
    listed = versions.in_force()
    had = {item.drug for item in _items_until(before.visit_id, before.version)}
    known = {substance for drug in had for substance in listed.substances(drug)}
    new = [
        row.item
        for row in found.rows
        if not set(listed.substances(row.item.drug)) <= known
        and not any(listed.may_mean(drug, row.item.drug) for drug in had)
    ]
    sentence = _("A new medicine needs a consultation. A correction may stop, lower or correct what was prescribed.")
    return {f"items-{item.place}-drug": sentence for item in new}


def raised(before: Prescription, items: tuple[Item, ...]) -> list[Item]:
    """List the rows that give more of a medicine than every version before: more a day, or more in all."""
    listed, had = versions.in_force(), _items_until(before.visit_id, before.version)
    olds = {item: [old for old in had if listed.are_same(old.drug, item.drug)] for item in items if item.drug}
    return [item for item, found in olds.items() if found and all(_is_more(item, old) for old in found)]


def raised_after_giving(before: Prescription, items: tuple[Item, ...]) -> dict[str, str]:
    """Map the fields of raised rows whose medicine was given already to a sentence: it may be in use by now."""
    listed, given = versions.in_force(), given_until(before)
    sentence = _(
        "It was given already, so it cannot be raised here. See the patient again, or cancel this prescription."
    )
    return {
        f"items-{item.place}-quantity": sentence
        for item in raised(before, items)
        if any(listed.shares(line.drug, item.drug) for line in given)
    }


def asked_of(before: Prescription, items: tuple[Item, ...]) -> tuple[Concern, ...]:
    """Ask for each raised row: a correction is there to stop, to lower and to put right."""
    source = _("safety.md, S05: corrections")
    return tuple(
        Concern(
            "raised_in_correction",
            "ask",
            f"items-{item.place}-quantity",
            item.drug,
            _("%(medicine)s is raised by this correction. The paper says so beside your reason.", medicine=item.drug),
            source,
            item.place,
        )
        for item in raised(before, items)
    )


def _is_more(item: Item, old: PrescribedItem) -> bool:
    if (item.quantity or 0) > old.quantity:
        return True
    was = Item(item.place, old.drug, old.form, old.strength, old.dose, old.frequency, old.duration_days or None)
    new_day, old_day = _a_day(item), _a_day(was)
    return new_day is not None and old_day is not None and new_day > old_day


def _a_day(item: Item) -> Fraction | None:
    return a_day_of(item, lambda name: " + ".join(versions.in_force().substances(name)))


def follows_version(function: Follower) -> Follower:
    """Register a function of (version before, next one, now) that moves dependent rows, in the same transaction."""
    _followers.append(function)
    return function


def hand_down(before: Prescription, issued: Prescription, now: datetime) -> None:
    """Carry over what was given, and move what depends on the version before."""
    carry_over(before, issued)
    for function in _followers:
        function(before, issued, now)


def carry_over_again(issued: Prescription) -> None:
    """Count anew on every later version what was given on this one, after a dispensing was reversed."""
    later = (Prescription.visit == issued.visit_id) & (Prescription.version > issued.version)
    before = issued
    for version in Prescription.select().where(later).order_by(Prescription.version):
        carry_over(before, version)
        before = version


def carry_over(before: Prescription, issued: Prescription) -> None:
    """Count on the new version what was given on all before, up to what it prescribes; `carried` keeps the rest."""
    new = reading.items_of(issued)
    old = given_until(before)
    amounts = carrying.carried(old, [_line(item) for item in new], versions.in_force().are_same)
    for item, amount in zip(new, amounts, strict=True):
        counted = min(amount, item.quantity) + _own(item)
        PrescribedItem.update(carried=amount, dispensed=counted).where(PrescribedItem.id == item.id).execute()


def given_until(issued: Prescription) -> list[Line]:
    """List what was given on this version and those before it, each on the version that had it."""
    lines = (_line(item, _own(item)) for item in _items_until(issued.visit_id, issued.version))
    return [line for line in lines if line.given > 0]


def given_otherwise(issued: Prescription) -> dict[int, list[Line]]:
    """Map a medicine's position to what was given of it before in another strength or form, which counts for none."""
    if issued.replaces is None:
        return {}
    listed, items = versions.in_force(), reading.items_of(issued)
    new, old = [_line(item) for item in items], given_until(issued.replaces)
    found = carrying.otherwise(old, new, same=listed.are_same, shares=listed.shares)
    return {item.position: lines for item, lines in zip(items, found, strict=True) if lines}


def _items_until(visit_id: int, version: int) -> list[PrescribedItem]:
    rows = PrescribedItem.select(PrescribedItem, Prescription).join(Prescription)
    until = (Prescription.visit == visit_id) & (Prescription.version <= version)
    return list(rows.where(until).order_by(Prescription.version, PrescribedItem.position))


def _own(item: PrescribedItem) -> int:
    """How much was given on the item's own version."""
    return int(item.dispensed - min(item.carried, item.quantity))


def _line(item: PrescribedItem, given: int = 0) -> Line:
    return Line(item.drug, item.form, item.strength, item.quantity, given)
