"""How many consultations a referral has been used for. Registered by visits, as referrals must not import them."""

from collections.abc import Callable

from portal.core.referrals.models import Referral

Count = Callable[[Referral], int]
HandOver = Callable[[Referral, Referral], None]
_counts: list[Count] = []
_hand_overs: list[HandOver] = []


def counts_uses(function: Count) -> Count:
    """Register a function of (referral) that counts consultations it was used for or is held by."""
    _counts.append(function)
    return function


def hands_over(function: HandOver) -> HandOver:
    """Register a function of (old, new referral), called when the new one replaces the old one."""
    _hand_overs.append(function)
    return function


def uses(referral: Referral) -> int:
    """Count the consultations a referral was used for (completed) or is held by (open)."""
    return sum(count(referral) for count in _counts)


def hand_over(old: Referral, new: Referral) -> None:
    """Move what holds the old referral to the new one."""
    for function in _hand_overs:
        function(old, new)
