"""Cases: grievances, and requests for correction and erasure; each with a number, a last day and its history.

DPDP Act 2023 s.12, s.13 and Rules 2025, rule 14: an answer within a published period. TPG 2020 5.6: a working mechanism
for grievances.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.base.language import gettext as _
from portal.base.typed import clean
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.messages.quiet import first_moment
from portal.core.messages.services import queue
from portal.core.rights import closing, retention
from portal.core.rights.models import (
    ANSWERED,
    DONE,
    ERASURE,
    NEW,
    REFUSED,
    UNANSWERED,
    WORKING,
    Case,
    CaseAnswered,
    CaseStep,
)
from portal.settings.clinic import RightsRules
from portal.store.db import claim, one_at_a_time, write
from portal.store.listing import Listed, page_of
from portal.store.numbers import next_number
from portal.work import audit, throttle
from portal.work.audit import Actor
from portal.work.events import Event, listener, record

SHORTEST, LONGEST = 10, 1000
A_DAY = 5  # cases of an account
ADDED = 20  # remarks that a family may add to a case
SHOWN = 30


def open_case(
    account: Account, kind: str, person: Beneficiary | None, form: Mapping[str, str], *, by: Actor, now: datetime
) -> Case:
    """Store a grievance or request with its number and last day. Raises Invalid on `text`, TooMany after A_DAY."""
    text, bucket = _text(form), f"case:{account.uid}"
    with write():
        one_at_a_time(f"cases {account.uid}")
        if throttle.count(bucket, within=timedelta(days=1), now=now) >= A_DAY:
            raise TooMany(_("So many cases cannot be opened in a day. Please call the helpline."), retry_after=86400)
        throttle.hit(bucket, now=now)
        today = clinic_day(now)
        made: Case = Case.create(
            number=f"G-{today:%Y}-{next_number(f'case-{today:%Y}'):06d}",
            kind=kind,
            account=account,
            beneficiary=person,
            text=text,
            asked_at=now,
            due_on=today + timedelta(days=RightsRules.in_force().grievance_days),
        )
        CaseStep.create(case=made, at=now, kind="asked", text=text)
        audit.note("CaseOpened", made.uid, by=by, now=now, number=made.number, kind=kind)
    return made


def add_remark(case: Case, form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Add the family's further words. Raises Invalid on `text`, Conflict once it is answered."""
    text = _text(form)
    with write():
        one_at_a_time(f"case {case.uid}")
        if CaseStep.select().where((CaseStep.case == case) & (CaseStep.kind == "added")).count() >= ADDED:
            raise Conflict(_("There are many remarks already. Please call the helpline."))
        if Case.get_by_id(case.id).state == ANSWERED:
            raise Conflict(_("This case is answered. Please open a new one."))
        CaseStep.create(case=case, at=now, kind="added", text=text)
        audit.note("CaseAdded", case.uid, by=by, now=now)


def begin_work(case: Case, staff: Staff, *, by: Actor, now: datetime) -> None:
    """Mark a case as looked into. Raises Conflict when somebody has begun or answered."""
    with write():
        _move(case, Case.state == NEW, state=WORKING)
        CaseStep.create(case=case, at=now, kind="working", staff=staff)
        audit.note("CaseBegun", case.uid, by=by, now=now)


def answer_case(case: Case, staff: Staff, form: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Answer a case, once; to delete data as asked closes the account.

    Raises Invalid on `text` and `outcome`, Conflict when it is answered already or the account cannot be closed.
    """
    problems: dict[str, str] = {}
    outcome = form.get("outcome", "")
    if outcome not in (DONE, REFUSED):
        problems["outcome"] = _("Choose one of the list.")
    try:
        text = _text(form)
    except Invalid as error:
        problems |= error.fields
    if problems:
        raise Invalid(problems)
    with write():
        _move(case, Case.state != ANSWERED, state=ANSWERED, outcome=outcome, answered_at=now)
        CaseStep.create(case=case, at=now, kind=ANSWERED, staff=staff, text=text)
        record(CaseAnswered(outcome=outcome, late=clinic_day(now) > case.due_on), case.uid, by=by, now=now)
        if case.kind == ERASURE and outcome == DONE and case.beneficiary is not None:
            until = retention.kept_until(case.beneficiary)
            closing.close_account(case.beneficiary, case, staff, until, by=by, now=now)


@listener(CaseAnswered)
def send_case_answered(event: Event, now: datetime) -> None:
    """Queue that a case is answered; who is deleted has been told already, and reads no page any more."""
    case = Case.get(Case.uid == event.subject)
    if case.kind != ERASURE or case.outcome != DONE:
        first = first_moment("case_answered", event.at)
        values, account = {"number": case.number}, case.account
        queue(event.uid, account.mobile, "case_answered", account.language, values, now=event.at, not_before=first)


def cases_of(account: Account) -> list[Case]:
    """List the cases of an account, the newest first."""
    return list(_with_people().where(Case.account == account).order_by(Case.id.desc()).limit(200))


def own_case(account: Account, uid: str) -> Case:
    """Find a case of this account. Raises NotFound for anybody else's."""
    found: Case | None = _with_people().where((Case.uid == uid) & (Case.account == account)).first()
    if found is None:
        raise NotFound
    return found


def case_of(uid: str) -> Case:
    """Find a case for the officer. Raises NotFound."""
    found: Case | None = _with_people().where(Case.uid == uid).first()
    if found is None:
        raise NotFound
    return found


def listed(number: int, *, answered: bool) -> Listed:
    """Return a page of the cases: those without an answer, the most urgent first; or the answered, newest first."""
    rows = _with_people().where(Case.state == ANSWERED if answered else Case.state.in_(UNANSWERED))
    order = (Case.answered_at.desc(), Case.id.desc()) if answered else (Case.due_on, Case.id)
    return page_of(rows.order_by(*order), number, SHOWN)


def steps_of(case: Case) -> list[CaseStep]:
    """List the history of a case in its order."""
    rows = CaseStep.select(CaseStep, Staff).join(Staff, peewee.JOIN.LEFT_OUTER)
    return list(rows.where(CaseStep.case == case).order_by(CaseStep.id))


def count_late(now: datetime) -> int:
    """Count the cases that are past their last day without an answer."""
    return int(Case.select().where(Case.state.in_(UNANSWERED) & (Case.due_on < clinic_day(now))).count())


def _with_people() -> "peewee.ModelSelect[Any]":
    rows = Case.select(Case, Account, Beneficiary, RegisterEntry).join(Account).switch(Case)
    return rows.join(Beneficiary, peewee.JOIN.LEFT_OUTER).join(RegisterEntry, peewee.JOIN.LEFT_OUTER)


def _move(case: Case, when: peewee.Expression, **changes: object) -> None:
    if not claim(Case.update(**changes).where((Case.id == case.id) & when)):
        raise Conflict(_("Somebody has answered or begun this case. The page now shows it."))


def _text(form: Mapping[str, str]) -> str:
    text = clean(form.get("text", "")).strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise Invalid({"text": _("Write it in %(low)s to %(high)s characters.", low=SHORTEST, high=LONGEST)})
    return text
