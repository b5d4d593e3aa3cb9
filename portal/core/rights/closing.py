"""Deletion that was asked for: the account closes, contact is masked, the record stays until its day (DPDP s.8(7)).

The register is the scheme's: who is in it can register again, with a new consent.
"""

from datetime import date, datetime, timedelta

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, OtpChallenge, Staff
from portal.core.accounts.passkeys.mobiles import cancel
from portal.core.accounts.sign_ins import end_all
from portal.core.beneficiaries.identities.models import PersonIdentity
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.family.models import Share
from portal.core.messages.models import Message
from portal.core.messages.services import queue
from portal.core.privacy.models import Pin
from portal.core.referrals.models import ReferralRequest
from portal.core.rights.clearing import doomed, standing, texts
from portal.core.rights.models import Case, Closing, DataCopy, Nominee
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.store.db import write
from portal.work import audit, jobs
from portal.work.audit import Actor

CLOSED = "closed-"  # in place of a mobile
SENT_BY = timedelta(days=5)  # when no text to the mobile is on its way any more


def close_account(person: Beneficiary, case: Case, staff: Staff, until: date, *, by: Actor, now: datetime) -> None:
    """Close the account for a person who has asked for it by this case. Others of the family keep theirs.

    `until`: the last day on which the record must be kept. Raises Conflict while something is under a legal hold or a
    token is open, and when it is closed already.
    """
    with write():
        standing.lock(person)
        _require_closable(person)
        account, mobile = person.account, person.account.mobile
        others = (Beneficiary.account == account) & (Beneficiary.id != person.id)
        is_last = not Beneficiary.select().where(others).exists()
        Closing.create(
            beneficiary=person,
            account=account,
            case=case,
            staff=staff,
            closed_at=now,
            mobile=mobile if is_last else "",
        )
        values = {"number": case.number, "day": f"{until:%d-%m-%Y}"}
        queue(case.uid, mobile, "account_closed", account.language, values, now=now)
        own = _end(account, by, now) if is_last else _closed(person, now)
        _stop(person, own, now)
        audit.note("AccountClosed", person.uid, by=by, now=now, case=case.uid, family=not is_last)


@jobs.sweep(every=3600)
def sweep_closings(now: datetime) -> None:
    """Mask the mobile of closed accounts in old texts, once the last of them is sent or has expired."""
    for row in Closing.select().where((Closing.mobile != "") & (Closing.closed_at < now - SENT_BY)).limit(20):
        sent = (Message.to == row.mobile) & (Message.created_at <= row.closed_at)
        with write():
            texts.clear_texts(list(Message.select().where(sent)))
            Closing.update(mobile="").where(Closing.id == row.id).execute()


def _require_closable(person: Beneficiary) -> None:
    if person.account.disabled_at is not None:
        raise Conflict(_("This account is closed already."))
    if standing.is_held(person):
        raise Conflict(_("There is a legal hold: nothing of this person may be closed or deleted before its release."))
    if Visit.select().where((Visit.beneficiary == person) & Visit.state.in_(OPEN)).exists():
        raise Conflict(_("This person has a token that is not over. The account can be closed after it."))


def _end(account: Account, by: Actor, now: datetime) -> Account:
    """Close an account that is nobody else's, and sign it out everywhere."""
    OtpChallenge.update(mobile="").where(OtpChallenge.mobile == account.mobile).execute()
    masked = {"mobile": f"{CLOSED}{account.id}", "disabled_at": now}
    Account.update(**masked).where(Account.id == account.id).execute()
    cancel(account, by=by, now=now)
    end_all(account=account, now=now)
    return account


def _closed(person: Beneficiary, now: datetime) -> Account:
    """Make a closed account for somebody who leaves that of the family."""
    made: Account = Account.create(
        mobile=f"{CLOSED}p{person.id}", language=person.language, created_at=now, disabled_at=now
    )
    return made


def _stop(person: Beneficiary, own: Account, now: datetime) -> None:
    """Stop what goes on with a person's data, and forget how to reach the person."""
    mine = {"account": own, "address": "", "abha_number": None, "abha_address": None}
    Beneficiary.update(**mine).where(Beneficiary.id == person.id).execute()
    Consent.update(withdrawn_at=now).where((Consent.beneficiary == person) & Consent.withdrawn_at.is_null()).execute()
    Nominee.delete().where(Nominee.beneficiary == person).execute()
    PersonIdentity.delete().where(PersonIdentity.beneficiary == person).execute()
    Pin.delete().where(Pin.beneficiary == person).execute()
    visits = Visit.select(Visit.id).where(Visit.beneficiary == person)
    Share.update(withdrawn_at=now).where(Share.visit.in_(visits) & Share.withdrawn_at.is_null()).execute()
    waiting = (ReferralRequest.beneficiary == person) & (ReferralRequest.state == "open")
    ReferralRequest.update(state="withdrawn", open_key=None).where(waiting).execute()
    doomed.delete_copies(DataCopy.select().where(DataCopy.beneficiary == person))
