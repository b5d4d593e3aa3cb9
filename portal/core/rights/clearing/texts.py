"""What is of a mobile and not of a person: texts, and grievances that name nobody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal.core.accounts.models import Account
from portal.core.messages.models import Message
from portal.core.rights.clearing import standing
from portal.core.rights.models import Case, CaseStep

GONE = "gone-"  # in place of a mobile, with the id of its row: the numbers of one cause must differ
Query = Any  # a select of whole rows of one table


def texts(before: datetime, after: int, limit: int) -> Query:
    """Select texts that were queued before a moment, by id; but of no mobile of whose people anything is held."""
    old = (Message.id > after) & (Message.created_at < before) & ~Message.to.startswith(GONE)
    return (
        Message.select()
        .where(old & Message.to.not_in(standing.accounts_held(Account.mobile)))
        .order_by(Message.id)
        .limit(limit)
    )


def clear_texts(rows: Sequence[Any]) -> None:
    """Empty what texts said, and to which mobile; kind, state and days stay for the figures."""
    for row in rows:
        Message.update(values={}, to=f"{GONE}{row.id}", error="").where(Message.id == row.id).execute()


def grievances(before: datetime, after: int, limit: int) -> Query:
    """Select cases about no person that were answered before a moment and still have their words, by id."""
    old = (Case.id > after) & (Case.answered_at < before) & Case.beneficiary.is_null() & (Case.text != "")
    return (
        Case.select()
        .where(old & Case.account.not_in(standing.accounts_held(Account.id)))
        .order_by(Case.id)
        .limit(limit)
    )


def clear_cases(rows: Sequence[Any]) -> None:
    """Empty the words of cases. The rows stay with their numbers and days."""
    ids = [row.id for row in rows]
    CaseStep.update(text="").where(CaseStep.case.in_(ids)).execute()
    Case.update(text="").where(Case.id.in_(ids)).execute()
