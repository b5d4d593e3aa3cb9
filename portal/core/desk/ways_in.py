"""What permits a person a token, as the desk's form says it before a specialty is chosen."""

from collections.abc import Sequence
from datetime import date

from portal.base.language import gettext as _
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Specialty
from portal.core.referring import family, follow_ups
from portal.core.referring.lines import ComingFollowUp, ReferralLine


def said_of(person: Beneficiary, offered: Sequence[Specialty], day: date) -> dict[str, str]:
    """Map the code of each specialty to the referral or exemption of this person, or that one is needed.

    Of a private specialty nothing is said: whether somebody is referred there is not for the desk.
    """
    ways: list[ReferralLine | ComingFollowUp] = [
        *family.standing_in_family(person.account, day),
        *follow_ups.coming(person.account, day),
    ]
    lines = [line for line in ways if line.person.id == person.id]
    known = family.permissions([person], lines, offered, day)
    return {
        row.code: "" if row.is_private else known[row.code] or _("needs a referral, and has none") for row in offered
    }
