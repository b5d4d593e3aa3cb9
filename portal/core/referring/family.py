"""What a family reads of its referrals: on the home page and in the token form, in two queries."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import peewee

from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Specialty
from portal.core.records.reading import on_request
from portal.core.referrals.checks import is_exempt, state_of, uses
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.referring import words
from portal.core.referring.lines import ComingFollowUp, PastReferral, ReferralLine, RequestLine
from portal.core.visits.referral_uses import uses_in_family
from portal.store.listing import Listed, page_of
from portal.store.prepared import Prepared

REQUESTS_SHOWN, REFERRALS_SHOWN = 20, 20
LATELY = timedelta(days=14)


@Prepared
def _valid(account: object, day: object) -> peewee.Select:
    rows = Referral.select(Referral, RegisterEntry, Beneficiary, Specialty).join(Specialty).switch(Referral)
    rows = rows.join(RegisterEntry).join(Beneficiary, on=Beneficiary.entry == RegisterEntry.id, attr="person")
    mine = (Beneficiary.account == account) & Referral.cancelled_at.is_null() & (Referral.valid_until >= day)
    return rows.where(mine).order_by(Referral.valid_until, Referral.id)


def standing_in_family(account: Account, day: date, opened: Collection[int] = ()) -> list[ReferralLine]:
    """List the referrals that can still be used, the one that expires first in front.

    `opened`: the people whose private visits a code has opened.
    """
    rows = _valid.all(account, day)
    uses = uses_in_family(account) if rows else {}
    left = {row.id: row.max_consults - uses.get(row.shares_id or row.id, 0) for row in rows}
    return [_line(row, left[row.id], opened) for row in rows if left[row.id] > 0]


@Prepared
def _asked(account: object) -> peewee.Select:
    rows = ReferralRequest.select(ReferralRequest, Beneficiary, RegisterEntry, Specialty).join(Specialty)
    rows = rows.switch(ReferralRequest).join(Beneficiary).join(RegisterEntry)
    return rows.where(Beneficiary.account == account).order_by(ReferralRequest.id.desc()).limit(REQUESTS_SHOWN)


def requests_of(account: Account, opened: Collection[int] = (), *, with_records: bool = True) -> list[RequestLine]:
    """List the newest requests of the family."""
    return [_request_line(row, opened, with_records=with_records) for row in _asked.all(account)]


def news_of(account: Account, opened: Collection[int], now: datetime) -> list[RequestLine]:
    """List what the home page tells: requests that wait, and answers of the last days."""
    lines = requests_of(account, opened, with_records=False)
    return [line for line in lines if line.state == "open" or _is_recent_answer(line, now)]


def _is_recent_answer(line: RequestLine, now: datetime) -> bool:
    return line.state == "declined" and line.answered_at is not None and line.answered_at > now - LATELY


def referrals_of(account: Account, number: int, day: date, opened: Collection[int] = ()) -> Listed:
    """Return a page of all referrals of the family, newest first."""
    rows = Referral.select(Referral, RegisterEntry, Specialty, Beneficiary).join(Specialty).switch(Referral)
    rows = rows.join(RegisterEntry).join(Beneficiary, on=Beneficiary.entry == RegisterEntry.id, attr="person")
    listed = page_of(rows.where(Beneficiary.account == account).order_by(Referral.id.desc()), number, REFERRALS_SHOWN)
    lines = [
        PastReferral(
            row,
            state_of(row, day),
            uses(row),
            is_closed=bool(row.specialty.is_private) and row.entry.person.id not in opened,
        )
        for row in listed.rows
    ]
    return replace(listed, rows=lines)


def _request_line(row: ReferralRequest, opened: Collection[int], *, with_records: bool) -> RequestLine:
    is_closed = bool(row.specialty.is_private) and row.beneficiary.id not in opened
    return RequestLine(
        uid=row.uid,
        person=row.beneficiary.entry,
        specialty=None if is_closed else row.specialty,
        complaint="" if is_closed else row.complaint,
        state=row.state,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        answer="" if is_closed else row.answer,
        records=on_request(row) if with_records and not is_closed else [],
    )


def is_closed(referral: Referral, opened: Collection[int]) -> bool:
    """Tell whether the family reads no more than that it is a referral, as its specialty is private."""
    person = Beneficiary.get(Beneficiary.entry == referral.entry)
    return bool(referral.specialty.is_private) and person.id not in opened


def permissions(
    people: Sequence[Beneficiary],
    lines: Sequence[ReferralLine | ComingFollowUp],
    specialties: Iterable[Specialty],
    day: date,
) -> dict[str, str]:
    """Map each specialty's code to who may ask for a token, until when and how often, in words for the form.

    Whom age exempts is named where that person has no referral.
    """
    exempt = [person for person in people if is_exempt(person.entry, day)]
    found: dict[str, str] = {}
    for specialty in specialties:
        own = [line for line in lines if line.specialty is not None and line.specialty.id == specialty.id]
        said = [(line.person, text) for line in own if (text := _permitted(line, day))]
        referred = {person.id for person, _text in said}
        said += [(person, _("no referral needed")) for person in exempt if person.id not in referred]
        found[specialty.code] = "; ".join(_told(person, text, is_alone=len(people) == 1) for person, text in said)
    return found


def _permitted(line: ReferralLine | ComingFollowUp, day: date) -> str:
    if isinstance(line, ReferralLine):
        return words.left_until(line.left, line.total, line.until)
    return _("no new referral needed for the follow-up") if line.is_near(day) else ""


def _told(person: Beneficiary, text: str, *, is_alone: bool) -> str:
    return text if is_alone else f"{in_language(person.entry)}: {text}"


def _line(row: Referral, left: int, opened: Collection[int]) -> ReferralLine:
    person: Beneficiary = getattr(row.entry, "person")  # noqa: B009 joined by _valid
    person.entry = row.entry
    is_closed = row.specialty.is_private and person.id not in opened
    return ReferralLine(
        uid=row.uid,
        number=row.number,
        person=person,
        specialty=None if is_closed else row.specialty,
        until=row.valid_until,
        left=left,
        total=row.max_consults,
    )
