"""Concerns of safety that doctors issued over: kept with the prescription, counted by rule for a report."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from portal.core.prescribing.notes import Notes
from portal.core.prescribing.safety.concerns import Concern
from portal.core.prescriptions.models import Override, Prescription


@dataclass(frozen=True)
class Count:
    """How often a rule was overridden. `per_hundred`: of all prescriptions of that time."""

    rule: str
    tier: str
    count: int
    per_hundred: float


def keep(issued: Prescription, concerns: Iterable[Concern], notes: Notes) -> None:
    """Store what was asked or stopped, with the reason typed in its row."""
    reasons = {item.place: item.reason for item in notes.items}
    positions = {item.place: position for position, item in enumerate(notes.items)}
    for each in concerns:
        if each.tier == "note":
            continue
        place = -1 if each.place is None else each.place
        Override.create(
            prescription=issued,
            rule=each.rule,
            tier=each.tier,
            position=positions.get(place),
            reason=reasons.get(place, "") if each.tier == "stop" else "",
        )


def counts(since: datetime) -> list[Count]:
    """Count the overridden rules of the prescriptions issued since then, the most frequent first."""
    number = Prescription.select().where(Prescription.issued_at >= since).count()
    query = (
        Override.select(Override.rule, Override.tier, fn.COUNT(Override.id))
        .join(Prescription)
        .where(Prescription.issued_at >= since)
        .group_by(Override.rule, Override.tier)
        .order_by(fn.COUNT(Override.id).desc(), Override.rule)
    )
    rows: list[Any] = list(query.tuples())
    return [Count(rule, tier, count, round(100 * count / number, 1)) for rule, tier, count in rows]
