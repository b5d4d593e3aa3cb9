"""How visits use referrals: open visits hold one use, completed visits have spent one."""

import peewee

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.referrals.checks import counts_uses, hands_over
from portal.core.referrals.models import Referral
from portal.core.visits.models import Visit
from portal.core.visits.states import GIVEN_BACK, OPEN
from portal.store.prepared import Prepared

# Open or completed. Named by these states, SQLite would go through all completed visits, not those of the referral.
_HOLDS_USE = Visit.state.not_in(GIVEN_BACK)


@Prepared
def _uses(first: object) -> peewee.Select:
    together = Referral.select(Referral.id).where((Referral.id == first) | (Referral.shares == first))
    return Visit.select(peewee.fn.COUNT(Visit.id)).where(Visit.referral.in_(together) & _HOLDS_USE).tuples()


@Prepared
def _uses_in_family(account: object) -> peewee.Select:
    first = peewee.fn.COALESCE(Referral.shares, Referral.id)
    rows = Visit.select(first, peewee.fn.COUNT(Visit.id)).join(Referral).switch(Visit).join(Beneficiary)
    return rows.where((Beneficiary.account == account) & _HOLDS_USE).group_by(first).tuples()


def uses_in_family(account: Account) -> dict[int, int]:
    """Count the uses of each referral of a family, by its id or that of the first one that shares its limit."""
    return dict(_uses_in_family.all(account))


@counts_uses
def visits_on(referral: Referral) -> int:
    """Count the visits that hold or have spent a use of this referral, or of one that shares its limit."""
    return int(_uses.first(referral.shares_id or referral.id)[0])


@hands_over
def take_over(old: Referral, new: Referral) -> None:
    """Move open visits to the referral that replaces theirs."""
    Visit.update(referral=new).where((Visit.referral == old) & Visit.state.in_(OPEN)).execute()
