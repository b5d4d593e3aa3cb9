"""What may be given of each medicine today: what is left, what is promised to an indent, and how large a part is."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.dispensing.models import OPEN, DispensedItem, Dispensing, Indent, IndentPermission, Permission
from portal.core.dispensing.parts import Handed, Part, part_of
from portal.core.dispensing.permission import Letter
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import PrescribedItem, Prescription


class TooMuch(Conflict):
    """More than is left, or than may be given at a time. `position`: of the medicine."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Allowance:
    """Of one medicine: the part that may be given now, and how much is promised to open indents."""

    part: Part
    promised: int = 0
    expired_on: date | None = None


def allowances(issued: Prescription, *, on: date) -> dict[int, Allowance]:
    """Map the position of each medicine to what may be given of it on this day."""
    given, ordered = _handed(issued), _promised(issued)
    found = {}
    for item in prescriptions.items_of(issued):
        promised = ordered.get(item.position, [])
        sum_promised = sum(quantity for _day, quantity in promised)
        left = max(0, item.quantity - item.dispensed - sum_promised)
        if on > item.valid_until:
            found[item.position] = Allowance(Part(0, left), sum_promised, item.valid_until)
        else:
            handed = sorted(given[item.position] + promised)
            found[item.position] = Allowance(part_of(item, handed, left, on=on), sum_promised)
    return found


def require_standing(issued: Prescription) -> None:
    """Raise Conflict when it was replaced or cancelled; each medicine has its own last day."""
    if issued.replaced_at:
        newest = prescriptions.newest_of(issued.visit.uid)
        raise Conflict(
            _(
                "This prescription was replaced by %(number)s; nothing was written down. Give by the new one.",
                number=newest.number,
            )
        )
    if issued.cancelled_at:
        raise Conflict(_("This prescription was cancelled. Give nothing on it; nothing was written down."))


def nothing_left(item: PrescribedItem) -> TooMuch:
    """Make the error of more than is left."""
    sentence = _(
        "Not so much of %(medicine)s is left to give; nothing was written down. The page now shows what is left.",
        medicine=item.drug,
    )
    return TooMuch(sentence, item.position)


def require_allowed(item: PrescribedItem, quantity: int, allowed: Allowance, *, is_permitted: bool = False) -> int:
    """Return how much of this goes beyond the part, 0 without a written permission; the prescription's row is locked.

    Raises TooMuch when more is asked for than may be given now, by the permission or without.
    """
    part = allowed.part
    if quantity > part.left:
        raise nothing_left(item)
    if allowed.expired_on:
        day = show_date(allowed.expired_on)
        raise TooMuch(_("%(medicine)s could be collected until %(day)s.", medicine=item.drug, day=day), item.position)
    if quantity <= part.now:
        return 0
    if not is_permitted:
        raise TooMuch(_more_than_a_part(item, part), item.position)
    if quantity > part.permitted:
        sentence = _(
            "Even with a written permission at most %(count)s of %(medicine)s may be given now; nothing was written "
            "down.",
            count=part.permitted,
            medicine=item.drug,
        )
        raise TooMuch(sentence, item.position)
    return quantity - part.now


def keep_letter(letter: Letter | None, beyond: int, of: Dispensing | Indent, *, at: str = "") -> None:
    """Store the letter of what goes beyond a part. Raises Invalid when nothing does."""
    if letter is None:
        return
    if not beyond:
        nothing = _("Nothing here is more than a part. Leave the written permission empty.")
        raise Invalid({f"{at}permit_number": nothing})
    if isinstance(of, Indent):
        IndentPermission.create(indent=of, **vars(letter))
    else:
        Permission.create(dispensing=of, **vars(letter))


def _more_than_a_part(item: PrescribedItem, part: Part) -> str:
    if part.now or part.next_on is None:
        sentence = _(
            "At most %(count)s of %(medicine)s may be given now; nothing was written down.",
            count=part.now,
            medicine=item.drug,
        )
    else:
        sentence = _(
            "More of %(medicine)s may be given from %(day)s; nothing was written down.",
            medicine=item.drug,
            day=show_date(part.next_on),
        )
    if not part.is_extensible:
        return sentence
    more = _("With a written permission up to %(count)s: write the letter down below.", count=part.permitted)
    return f"{sentence} {more}"


def _handed(issued: Prescription) -> dict[int, list[Handed]]:
    """Map the position of each medicine to what was handed out of it, in order.

    What is carried over counts as of the day of this version: earlier ones were given on for a week at most.
    """
    found: dict[int, list[Handed]] = defaultdict(list)
    for item in prescriptions.items_of(issued):
        if item.carried:
            found[item.position].append((clinic_day(issued.issued_at), item.carried))
    rows = DispensedItem.select(DispensedItem, Dispensing, PrescribedItem).join(Dispensing)
    mine = (Dispensing.prescription == issued) & Dispensing.reversed_at.is_null()
    for row in rows.switch(DispensedItem).join(PrescribedItem).where(mine).order_by(DispensedItem.id):
        found[row.item.position].append((clinic_day(row.dispensing.at), row.quantity))
    return found


def _promised(issued: Prescription) -> dict[int, list[Handed]]:
    """Map the position of each medicine to what is promised to open indents."""
    found: dict[int, list[Handed]] = defaultdict(list)
    mine = (Indent.prescription == issued) & Indent.state.in_(OPEN)
    for row in Indent.select(Indent, PrescribedItem).join(PrescribedItem).where(mine).order_by(Indent.id):
        found[row.item.position].append((clinic_day(row.at), row.quantity))
    return found
