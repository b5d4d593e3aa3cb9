"""Short links of the text "it is your turn", off by default (domain.md 3.1): one purpose, short-lived, used once."""

from datetime import datetime, timedelta

import peewee

from portal.base.keys import fingerprint
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Account, AccountSignedIn
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls.models import ShortLink
from portal.core.calls.short_keys import key_of, written
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.store.db import claim, write
from portal.work import audit, jobs
from portal.work.audit import Actor
from portal.work.events import record

LATE = timedelta(minutes=10)  # after the call's deadline: texts are late, and a missed call is made again


def link_for(visit: Visit, cause: str, *, until: datetime) -> str | None:
    """Make the link of one call, the same for the same cause; None while the clinic sends none.

    `until`: the call's deadline.
    """
    key = key_of(cause)
    link = written(key)
    if not link:
        return None
    row = ShortLink.insert(key_hash=fingerprint(key), visit=visit, expires_at=until + LATE)
    row.on_conflict_ignore().execute()
    return link


def find(key: str, now: datetime) -> ShortLink | None:
    """Find a link that still leads to a visit that is not over. Changes nothing: robots open links too."""
    rows = ShortLink.select(ShortLink, Visit, Beneficiary, Account).join(Visit).join(Beneficiary).join(Account)
    lives = ShortLink.used_at.is_null() & (ShortLink.expires_at > now) & Visit.state.in_(OPEN)
    found: ShortLink | None = rows.where(
        (ShortLink.key_hash == fingerprint(key)) & lives & Account.disabled_at.is_null()
    ).first()
    return found


def sign_in_by_link(link: ShortLink, *, now: datetime) -> sign_ins.SignedIn | None:
    """Sign in on a device that the family's number knows (the caller has looked); None when the link is used already.

    The link came to the same mobile that an OTP would have come to.
    """
    account = link.visit.beneficiary.account
    by = Actor("account", account.uid)
    with write():
        if not claim(ShortLink.update(used_at=now).where((ShortLink.id == link.id) & ShortLink.used_at.is_null())):
            return None
        audit.note("ShortLinkUsed", link.visit.uid, by=by, now=now)
        record(AccountSignedIn(), account.uid, by=by, now=now)
        return sign_ins.start(account=account, now=now)


@jobs.sweep(every=3600)
def sweep_short_links(now: datetime) -> None:
    """Delete links that are over."""
    old: peewee.Select = ShortLink.select(ShortLink.id).where(ShortLink.expires_at < now).limit(1000)
    ShortLink.delete().where(ShortLink.id.in_(old)).execute()
