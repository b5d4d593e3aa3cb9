"""What uses a slip up. Visits say so from above: a slip knows no visits."""

from collections.abc import Callable

from portal.core.referrals.models import Referral

Count = Callable[[Referral], int]
HandOver = Callable[[Referral, Referral], None]
_counts: list[Count] = []
_hand_overs: list[HandOver] = []


def counts_uses(function: Count) -> Count:
    """Register a function of (slip) that tells how many consultations it has paid for or is holding."""
    _counts.append(function)
    return function


def hands_over(function: HandOver) -> HandOver:
    """Register a function of (old slip, new slip), called when the new one takes the old one's place."""
    _hand_overs.append(function)
    return function


def uses(slip: Referral) -> int:
    """Consultations this slip has paid for or is holding: only completed ones use it up for good."""
    return sum(count(slip) for count in _counts)


def hand_over(old: Referral, new: Referral) -> None:
    """Whatever holds the old slip holds the new one from now on."""
    for function in _hand_overs:
        function(old, new)
