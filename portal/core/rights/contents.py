"""All that is kept of one person beside visits and uploads, as the copy of everything tells it.

It follows the rule of past visits to private specialties (core/privacy): without an opening, they, their files and what
their doctors entered stay out.
"""

from datetime import datetime
from typing import Any

from portal.core.accounts.models import SignIn, Staff
from portal.core.accounts.passkeys.mobiles import of as passkeys_of
from portal.core.beneficiaries.identities.models import PersonIdentity
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.chart.models import ChartEntry
from portal.core.family import reader_words as words
from portal.core.family.readers import Reading, readings_of
from portal.core.messages.channels.services import chosen
from portal.core.messages.models import Message, MessageOptOut
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.rights.models import Case, CaseStep, Nominee
from portal.core.rights.picking import Told, is_left_out, picked

ENTRY = ("kind", "name", "detail", "grade", "since", "state", "noted_at", "ended_at")
REFERRAL = ("number", "reason", "urgent", "issued_at", "valid_until", "max_consults", "cancelled_at", "cancel_reason")
REQUEST = ("complaint", "state", "asked_at", "answered_at", "answer")
CONSENT = ("purpose", "version", "language", "kind", "given_at", "withdrawn_at")
IDENTITY = ("name", "system", "number", "verified_by", "verified_at")
NOMINEE = ("name", "relation", "mobile", "named_at", "withdrawn_at")


def told_of(person: Beneficiary, *, is_opened: bool, now: datetime) -> Told:
    """Tell everything of a person but the visits and uploads."""
    return {
        "made_at": now,
        "person": _person(person),
        "account": _account(person),
        "identities": _rows(PersonIdentity, person, *IDENTITY),
        "consents": _rows(Consent, person, *CONSENT),
        "nominees": _rows(Nominee, person, *NOMINEE),
        "referrals": _referrals(person, is_opened=is_opened),
        "requests_for_referral": _requests(person, is_opened=is_opened),
        "chart": _chart(person, is_opened=is_opened),
        "cases": [_case(row) for row in Case.select().where(Case.beneficiary == person).order_by(Case.id)],
        "read_by": _readings(person),
    }


def _person(person: Beneficiary) -> Told:
    register = picked(person.entry, "ben_id", "name", "name_hi", "gender", "date_of_birth", "mobile", "has_disability")
    own = picked(person, "patient_id", "address", "language", "registered_at", "abha_number", "abha_address")
    return register | {"centre": person.entry.centre.name} | own


def _account(person: Beneficiary) -> Told:
    """Tell of the account, which the family shares: sign-ins, and that texts were sent (their words tell of others)."""
    account = person.account
    sign_ins = SignIn.select().where(SignIn.account == account).order_by(SignIn.id)
    texts = Message.select().where(Message.to == account.mobile).order_by(Message.id)
    unwanted = MessageOptOut.select().where(MessageOptOut.account == account)
    return {
        **picked(account, "mobile", "language", "created_at"),
        "sign_ins": [picked(row, "created_at", "seen_at", "ended_at") for row in sign_ins],
        "sign_in_without_sms": [picked(row, "created_at", "used_at") for row in passkeys_of(account)],
        "texts": [picked(row, "template", "language", "state", "created_at") for row in texts],
        "channels": [picked(row, "plugin", "channel", "since") for row in chosen(account).values()],
        "unwanted_texts": [row.template for row in unwanted],
    }


def _referrals(person: Beneficiary, *, is_opened: bool) -> list[Told]:
    rows = Referral.select().where(Referral.entry == person.entry).order_by(Referral.id)
    return [
        {"issued_at": row.issued_at, "left_out": True}
        if is_left_out(row.specialty, is_opened=is_opened)
        else picked(row, *REFERRAL) | {"specialty": row.specialty.name, "centre": row.centre.name}
        for row in rows
    ]


def _requests(person: Beneficiary, *, is_opened: bool) -> list[Told]:
    rows = ReferralRequest.select().where(ReferralRequest.beneficiary == person).order_by(ReferralRequest.id)
    return [
        {"asked_at": row.asked_at, "left_out": True}
        if is_left_out(row.specialty, is_opened=is_opened)
        else picked(row, *REQUEST) | {"specialty": row.specialty.name}
        for row in rows
    ]


def _chart(person: Beneficiary, *, is_opened: bool) -> list[Told]:
    rows = ChartEntry.select(ChartEntry, Staff).join(Staff, on=ChartEntry.noted_by)
    mine = rows.where(ChartEntry.beneficiary == person).order_by(ChartEntry.id)
    open_ones = [row for row in mine if not is_left_out(row.noted_by.specialty, is_opened=is_opened)]
    return [picked(row, *ENTRY) | {"noted_by": row.noted_by.name} for row in open_ones]


def _case(row: Case) -> Told:
    steps = CaseStep.select().where(CaseStep.case == row).order_by(CaseStep.id)
    told = picked(row, "number", "kind", "text", "state", "outcome", "asked_at", "due_on", "answered_at")
    return told | {"history": [picked(step, "at", "kind", "text") for step in steps]}


def _readings(person: Beneficiary) -> list[Told]:
    """Tell who opened the records of this person, in the words of the page of readers."""
    found, number, is_more = [], 1, True
    while is_more:
        listed = readings_of(person.account, number)
        found += [each for each in listed.rows if each.person == person.entry]
        number, is_more = number + 1, listed.more
    return [_reading(each) for each in found]


def _reading(each: Reading) -> Told:
    told = {"from": each.since, "until": each.until, "by": words.who(each), "role": words.place(each)}
    return told | {"what": words.seen(each), "why": words.why(each)}


def _rows(table: Any, person: Beneficiary, *fields: str) -> list[Told]:
    rows = table.select().where(table.beneficiary == person).order_by(table.id)
    return [picked(row, *fields) for row in rows]
