"""Requests for a referral: asked by the family, answered by a medical officer of the person's centre.

A referral needs no presence (order of 31.03.2023, docs/rules/domain.md 2.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.core.referrals import checks
from portal.core.referrals.events import ReferralRequestAnswered, ReferralRequested, ReferralRequestWithdrawn
from portal.core.referrals.models import Referral, ReferralRequest
from portal.settings.clinic import ReferralRules
from portal.store.db import claim, one_at_a_time, write
from portal.work import throttle
from portal.work.audit import Actor
from portal.work.events import record

OPEN, REFERRED, DECLINED, WITHDRAWN = "open", "referred", "declined", "withdrawn"
SHORTEST, LIMIT = 3, 500
MOST_A_DAY, DAY = 5, timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """A validated form: who asks for which specialist, and why."""

    beneficiary: Beneficiary
    specialty: Specialty
    complaint: str


def read_request(account: Account, form: Mapping[str, str]) -> Wanted:
    """Validate the form. Raises Invalid with every wrong field; another account's person counts as missing."""
    problems: dict[str, str] = {}
    own = (Beneficiary.uid == form.get("beneficiary", "")) & (Beneficiary.account == account)
    person = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry).where(own).first()
    if person is None:
        problems["beneficiary"] = _("Choose who needs the doctor.")
    specialty = Specialty.get_or_none((Specialty.code == form.get("specialty", "")) & Specialty.active)
    if specialty is None:
        problems["specialty"] = _("Choose a doctor from the list.")
    complaint = " ".join(form.get("complaint", "").split())
    if not SHORTEST <= len(complaint) <= LIMIT:
        problems["complaint"] = _(
            "Say in a few words what the trouble is, in at most %(limit)s characters.", limit=LIMIT
        )
    if problems or person is None or specialty is None:
        raise Invalid(problems)
    return Wanted(person, specialty, complaint)


def ask(person: Beneficiary, specialty: Specialty, complaint: str, *, by: Actor, now: datetime) -> ReferralRequest:
    """Ask for a referral. Raises Conflict where none is needed, one is asked for, or the centre takes no requests;
    TooMany after MOST_A_DAY.
    """
    with write():
        one_at_a_time(f"referral {person.entry.ben_id}")
        _require_needed(person.entry, specialty, now)
        _require_officer(person.entry)
        _require_room(person, specialty, now)
        request = ReferralRequest.create(
            beneficiary=person, specialty=specialty, complaint=complaint, asked_at=now, open_key=_key(person, specialty)
        )
        throttle.hit(_bucket(person), now=now)
        record(ReferralRequested(specialty=specialty.code), request.uid, by=by, now=now)
    return request


def withdraw(account: Account, uid: str, *, by: Actor, now: datetime) -> None:
    """Withdraw an own request. Raises NotFound for another family's, Conflict once it is answered."""
    request = own_request(account, uid)
    with write():
        _close(request, WITHDRAWN, now=now)
        record(ReferralRequestWithdrawn(), request.uid, by=by, now=now)


def decline(officer: Staff, uid: str, answer: str, *, by: Actor, now: datetime) -> ReferralRequest:
    """Answer a request without a referral; the family reads the answer.

    Raises NotFound for another centre's, Invalid without an answer, Conflict when it is answered already.
    """
    request, answer = open_request(officer, uid), answer.strip()
    if not SHORTEST <= len(answer) <= LIMIT:
        raise Invalid({"answer": _("Give the reason in 3 to %(limit)s characters.", limit=LIMIT)})
    with write():
        _close(request, DECLINED, now=now, officer=officer, answer=answer)
        record(ReferralRequestAnswered(outcome=DECLINED), request.uid, by=by, now=now)
    return request


def close_by(referral: Referral, request: ReferralRequest | None, officer: Staff, *, by: Actor, now: datetime) -> None:
    """Close the request that a referral answers, and any other open one of the person for the same specialty.

    Joins the caller's transaction. Raises Conflict when `request` is answered already.
    """
    same = (ReferralRequest.state == OPEN) & (ReferralRequest.specialty == referral.specialty)
    others = ReferralRequest.select().join(Beneficiary).where(same & (Beneficiary.entry == referral.entry))
    found = {row.id: row for row in [*([request] if request else []), *others]}
    for row in found.values():
        _close(row, REFERRED, now=now, officer=officer, referral=referral)
        answered = ReferralRequestAnswered(outcome=REFERRED, referral=referral.uid)
        record(answered, row.uid, by=by, now=now)


def open_request(officer: Staff, uid: str) -> ReferralRequest:
    """Get a request of a person of the officer's centre. Raises NotFound for anybody else's."""
    found: ReferralRequest | None = of_centre(officer).where(ReferralRequest.uid == uid).first()
    if found is None:
        raise NotFound
    return found


def own_request(account: Account, uid: str) -> ReferralRequest:
    """Get a request of a person of this account. Raises NotFound for anybody else's."""
    rows = ReferralRequest.select(ReferralRequest, Beneficiary).join(Beneficiary)
    found: ReferralRequest | None = rows.where((ReferralRequest.uid == uid) & (Beneficiary.account == account)).first()
    if found is None:
        raise NotFound
    return found


def of_centre(officer: Staff) -> "peewee.ModelSelect[ReferralRequest]":
    """Select the requests of the people of the officer's centre."""
    rows: peewee.ModelSelect[ReferralRequest] = (
        ReferralRequest.select(ReferralRequest, Specialty, Beneficiary, RegisterEntry, Centre)
        .join(Specialty)
        .switch(ReferralRequest)
        .join(Beneficiary)
        .join(RegisterEntry)
        .join(Centre)
    )
    return rows.where(RegisterEntry.centre == officer.centre)


def _close(request: ReferralRequest, state: str, *, now: datetime, **changes: object) -> None:
    mine = (ReferralRequest.id == request.id) & (ReferralRequest.state == OPEN)
    if not claim(ReferralRequest.update(state=state, answered_at=now, open_key=None, **changes).where(mine)):
        raise Conflict(_("This request was answered or withdrawn already."))


def _require_needed(entry: RegisterEntry, specialty: Specialty, now: datetime) -> None:
    """Raise Conflict where a token can be asked for already."""
    day = clinic_day(now)
    valid = checks.standing(entry, specialty, day)
    if valid is not None:
        raise Conflict(
            _(
                "There is a valid referral: %(number)s, until %(day)s. You can ask for a token.",
                number=valid.number,
                day=show_date(valid.valid_until),
            )
        )
    if checks.is_exempt(entry, day):
        age = ReferralRules.in_force().referral_exempt_age
        raise Conflict(_("From the age of %(age)s no referral is needed. You can ask for a token.", age=age))


def _require_officer(entry: RegisterEntry) -> None:
    """Raise Conflict where nobody would read the request."""
    officers = (Staff.role == "medical_officer") & (Staff.centre == entry.centre) & Staff.disabled_at.is_null()
    if not Staff.select().where(officers).exists():
        raise Conflict(
            _(
                "Your wellness centre (%(centre)s) takes no requests here. Please visit or phone it for a referral.",
                centre=checks.centre_name(entry),
            )
        )


def _require_room(person: Beneficiary, specialty: Specialty, now: datetime) -> None:
    mine = (ReferralRequest.beneficiary == person) & (ReferralRequest.state == OPEN)
    waiting = [row.specialty_id for row in ReferralRequest.select().where(mine)]
    if specialty.id in waiting:
        raise Conflict(_("You have asked for this referral already. The medical officer has not answered yet."))
    limit = ReferralRules.in_force().referral_max_specialists
    if len(waiting) >= limit:
        raise Conflict(_("%(limit)s requests of this person wait for an answer. No more can be asked.", limit=limit))
    if throttle.count(_bucket(person), within=DAY, now=now) >= MOST_A_DAY:
        raise TooMany(_("Too many requests today. Please visit or phone your wellness centre."), retry_after=3600)


def _key(person: Beneficiary, specialty: Specialty) -> str:
    return f"{person.id}-{specialty.id}"


def _bucket(person: Beneficiary) -> str:
    return f"referral-request:{person.uid}"
