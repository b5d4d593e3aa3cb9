"""How visits use referral slips: open ones hold one, completed ones have used one up."""

import peewee

from portal.core.referrals.models import Referral
from portal.core.referrals.uses import counts_uses, hands_over
from portal.core.visits.models import Visit
from portal.core.visits.states import COMPLETED, OPEN
from portal.store.prepared import Prepared


@Prepared
def _uses(first: object) -> peewee.Select:
    together = Referral.select(Referral.id).where((Referral.id == first) | (Referral.shares == first))
    counted = Visit.referral.in_(together) & Visit.state.in_((COMPLETED, *OPEN))
    return Visit.select(peewee.fn.COUNT(Visit.id)).where(counted).tuples()


@counts_uses
def visits_on(slip: Referral) -> int:
    """Visits that hold this slip, or one that shares its count, and those that have used it up."""
    return int(_uses.first(slip.shares_id or slip.id)[0])


@hands_over
def take_over(old: Referral, new: Referral) -> None:
    """Open visits go over to the slip that replaces theirs."""
    Visit.update(referral=new).where((Visit.referral == old) & Visit.state.in_(OPEN)).execute()
