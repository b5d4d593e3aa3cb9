"""The kinds of what is deleted once its retention is over; a dry run counts the same rows. Beside visits: of people.

Of a referral, request or case stays the row with its number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from portal.core.chart.models import ChartEntry
from portal.core.privacy.models import Pin
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.referring.models import ReferralSlip
from portal.core.rights.clearing import doomed, of_visits, texts
from portal.core.rights.clearing.models import VisitCleared
from portal.core.rights.clearing.scope import Scope
from portal.core.rights.models import ANSWERED, Case, DataCopy, Nominee
from portal.store.db import write
from portal.store.filing import current
from portal.work.audit import SYSTEM
from portal.work.events import record

TEXTS, CASES = "texts", "cases"
Query = Any  # a select of whole rows of one table


def chart(scope: Scope) -> Query:
    """Select the chart: allergies, problems, medicines."""
    return ChartEntry.select().where(_mine(ChartEntry, scope))


def referrals(scope: Scope) -> Query:
    """Select referrals that still say why. The row stays with its number."""
    mine = (Referral.entry == scope.entry) & (Referral.reason != "")
    return Referral.select().where(mine if scope.is_whole else Referral.id.in_([]))


def clear_referrals(rows: Sequence[Any]) -> None:
    """Empty why somebody was referred, and delete the slips."""
    ids = [row.id for row in rows]
    printed = {row.referral_id for row in ReferralSlip.select().where(ReferralSlip.referral.in_(ids))}
    doomed.doom(current.SLIPS, [row.uid for row in rows if row.id in printed])
    ReferralSlip.delete().where(ReferralSlip.referral.in_(ids)).execute()
    Referral.update(reason="", cancel_reason="").where(Referral.id.in_(ids)).execute()


def requests(scope: Scope) -> Query:
    """Select requests for a referral that still say why."""
    return ReferralRequest.select().where(_mine(ReferralRequest, scope) & (ReferralRequest.complaint != ""))


def clear_requests(rows: Sequence[Any]) -> None:
    """Empty what was asked and answered; an open request ends."""
    ids = ReferralRequest.id.in_([row.id for row in rows])
    ReferralRequest.update(state="withdrawn", open_key=None).where(ids & (ReferralRequest.state == "open")).execute()
    ReferralRequest.update(complaint="", answer="").where(ids).execute()


def cases(scope: Scope) -> Query:
    """Select answered cases that still have their words. The row stays with its number and its days."""
    return Case.select().where(_mine(Case, scope) & (Case.text != "") & (Case.state == ANSWERED))


def nominees(scope: Scope) -> Query:
    """Select who was named."""
    return Nominee.select().where(_mine(Nominee, scope))


def pins(scope: Scope) -> Query:
    """Select the PIN of private visits."""
    return Pin.select().where(_mine(Pin, scope))


def data_copies(scope: Scope) -> Query:
    """Select copies of everything."""
    return DataCopy.select().where(_mine(DataCopy, scope))


def _mine(table: Any, scope: Scope) -> peewee.Expression:
    """Condition of the rows of a person of whose visits none is held."""
    is_known = scope.person is not None and scope.is_whole
    mine: peewee.Expression = table.beneficiary == scope.person if is_known else table.id.in_([])
    return mine


@dataclass(frozen=True)
class Kind:
    """One kind: its key in reports, the rows of a person that are left, and how they are cleared."""

    key: str
    rows: Callable[[Scope], Any]
    clear: Callable[[Sequence[Any]], None] = of_visits.delete_with_parts


# Words of visits come last: as long as they are there, the visit is not cleared.
COMPLAINTS = Kind("visits", of_visits.complaints, of_visits.clear_complaints)
KINDS = (
    Kind("notes", of_visits.notes),
    Kind("prescriptions", of_visits.prescriptions, of_visits.clear_prescriptions),
    Kind("records", of_visits.records, of_visits.clear_records),
    Kind("calls", of_visits.calls),
    Kind("shares", of_visits.shares),
    Kind("feedback", of_visits.feedback, of_visits.clear_feedback),
    Kind("chart", chart),
    Kind("referrals", referrals, clear_referrals),
    Kind("requests", requests, clear_requests),
    Kind(CASES, cases, texts.clear_cases),
    Kind("nominees", nominees),
    Kind("identities", Scope.identities),
    Kind("pins", pins),
    Kind("copies", data_copies, doomed.delete_copies),
    COMPLAINTS,
)


def count(scope: Scope) -> dict[str, int]:
    """Count what may go, by kind."""
    found = {kind.key: kind.rows(scope).count() for kind in KINDS}
    return {key: number for key, number in found.items() if number}


def clear(scope: Scope, *, now: datetime) -> dict[str, int]:
    """Delete what may go, and tell plugins of each visit; return the rows by kind."""
    found: dict[str, int] = {}
    with write():
        for kind in KINDS:
            rows = list(kind.rows(scope))
            if rows:
                found[kind.key] = len(rows)
                kind.clear(rows)
            for row in rows if kind is COMPLAINTS else ():
                record(VisitCleared(), row.uid, by=SYSTEM, now=now)
    return found
