"""How much of a medicine may be given at a time, and when the next part is due (domain.md 2.4).

A supply lasts its share of the course: of 60 tablets for 30 days ten last five days. Without a course there are no
parts. A part that is begun may be completed; the next begins some days before the supply is used up.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from portal.core.prescriptions.models import PrescribedItem
from portal.settings.pharmacy import PharmacyRules

Handed = tuple[date, int]  # on which day, how much


@dataclass(frozen=True)
class Part:
    """What may be given today of one medicine. `days`: how long that lasts; None when nobody can say.

    `next_on`: from when more may be given, once this is; None when nothing is left then. `left`: of all.
    `permitted`: what may be given today with a written permission.
    """

    now: int
    left: int
    days: int | None = None
    next_on: date | None = None
    permitted: int = 0

    @property
    def is_extensible(self) -> bool:
        """Tell whether a written permission allows more than the part."""
        return self.permitted > self.now


def part_of(item: PrescribedItem, handed: Iterable[Handed], left: int, *, on: date) -> Part:
    """Work out what may be given on this day. `handed`: the whole history, in order; `left`: not given or promised."""
    if not item.duration_days:
        return Part(left, left, permitted=left)
    supply = _Supply(item)
    for day, quantity in handed:
        supply.add(day, quantity)
    now = min(left, supply.may(on))
    permitted = max(now, min(left, supply.may_with_permission(on)))
    days = math.floor(supply.lasts(now)) if now else None
    if now:
        supply.add(on, now)
    next_on = max(supply.opens(), on + timedelta(days=1)) if left > now else None
    return Part(now, left, days, next_on, permitted)


class _Supply:
    """How far what was handed out reaches, part by part. Days are counted as ordinals, in fractions."""

    def __init__(self, item: PrescribedItem) -> None:
        rules = PharmacyRules.in_force()
        days = rules.dispense_days_chronic if item.chronic else rules.dispense_days_default
        self._each = Fraction(item.duration_days or 0, max(item.quantity, 1))
        self._most = min(item.quantity, math.ceil(Fraction(days) / self._each))
        self._most_days = max(days, rules.dispense_days_permitted)
        self._early = min(rules.dispense_early_days, days // 4)  # parts of a week do not begin at once
        self._begun: date | None = None
        self._in_part, self._reaches = 0, Fraction(0)

    def lasts(self, quantity: int) -> Fraction:
        """How many days so much lasts."""
        return quantity * self._each

    def opens(self) -> date:
        """From which day the next part may begin."""
        return date.fromordinal(math.ceil(self._reaches - self._early))

    def may(self, on: date) -> int:
        """How much may be given on this day: what is left of the part, or all of the next one."""
        return self._most if self._is_due(on) else max(0, self._most - self._in_part)

    def may_with_permission(self, on: date) -> int:
        """How much may be given on this day with a written permission: together with what is there already, no more
        than the permitted days.
        """
        days = self._most_days - max(self._reaches - on.toordinal(), Fraction(0))
        return max(0, math.floor(days / self._each))

    def add(self, on: date, quantity: int) -> None:
        """Count what was given on a day."""
        if self._is_due(on):
            self._begun, self._in_part = on, 0
        self._in_part += quantity
        self._reaches = max(self._reaches, Fraction(on.toordinal())) + self.lasts(quantity)

    def _is_due(self, on: date) -> bool:
        return self._begun is None or (on > self._begun and on.toordinal() >= self._reaches - self._early)
