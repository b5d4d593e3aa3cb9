"""Until when the medicines of a prescription can be collected, by kind: domain.md 2.4."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core.formulary import versions
from portal.core.prescribing.notes import Item
from portal.settings.pharmacy import PharmacyRules


@dataclass(frozen=True)
class Term:
    """Of one medicine: is it for a long-standing illness (as the formulary says), and its last day at the pharmacy."""

    chronic: bool
    until: date


def terms_of(items: Iterable[Item], since: date) -> list[Term]:
    """Work out the terms of medicines first prescribed on this day.

    A course that is given in several parts stays open until its last part could be fetched, as late as the first.
    """
    listed, rules = versions.in_force(), PharmacyRules.in_force()

    def term_of(item: Item) -> Term:
        if listed.is_chronic(item.drug, item.form):
            return Term(True, since + timedelta(days=rules.prescription_valid_days))
        later_parts = max(0, (item.duration_days or 0) - rules.dispense_days_default)
        days = min(rules.prescription_acute_days + later_parts, 366)
        return Term(False, since + timedelta(days=days))

    return [term_of(item) for item in items]


def last_day(terms: Sequence[Term], since: date) -> date:
    """Return the last day of the whole prescription: of its longest medicine; of the longest kind when it has none."""
    longest = since + timedelta(days=PharmacyRules.in_force().prescription_valid_days)
    return max((term.until for term in terms), default=longest)
