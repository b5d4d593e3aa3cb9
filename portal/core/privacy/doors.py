"""What the family's account may read of past visits to a private specialty (issue 14.5).

An account is a mobile that a family shares. A visit that is under way is plain to all of it; once it is over, and its
specialty is private, it is "a visit" until a one-time code or the person's PIN opens these visits for one sign-in.
"""

from datetime import datetime, timedelta

from portal.core.accounts.models import SignIn
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Specialty
from portal.core.privacy.models import PrivateOpening
from portal.core.visits.models import Visit
from portal.core.visits.states import FINAL
from portal.store.prepared import Prepared

OPEN_FOR = timedelta(minutes=30)


_opened = Prepared(
    lambda sign_in, since, until: PrivateOpening.select(PrivateOpening.beneficiary).where(
        (PrivateOpening.sign_in == sign_in) & (PrivateOpening.opened_at > since) & (PrivateOpening.opened_at <= until)
    )
)


def is_private(visit: Visit) -> bool:
    """Tell whether this visit is over and of a private specialty: for the family it is then no more than a visit."""
    return visit.state in FINAL and bool(visit.session.specialty.is_private)


def opened(sign_in: SignIn, now: datetime) -> frozenset[int]:
    """Return the ids of the people whose private visits are open in this sign-in."""
    return frozenset(row.beneficiary_id for row in _opened.all(sign_in.id, now - OPEN_FOR, now))


def hides(specialty: Specialty, person: Beneficiary, sign_in: SignIn, now: datetime) -> bool:
    """Tell whether this sign-in reads no more than that there is something: of a private specialty, not opened."""
    return bool(specialty.is_private) and person.id not in opened(sign_in, now)


def has_opened(visit: Visit, sign_in: SignIn, now: datetime) -> bool:
    """Tell whether a code or the PIN has opened this private visit for this sign-in."""
    return is_private(visit) and visit.beneficiary_id in opened(sign_in, now)


def is_closed(visit: Visit, sign_in: SignIn, now: datetime) -> bool:
    """Tell whether this sign-in of the family reads no more of the visit than that it was."""
    return is_private(visit) and visit.beneficiary_id not in opened(sign_in, now)
