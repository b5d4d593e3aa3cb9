"""The form that asks for a token: checked as a whole, every wrong field at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.errors import Invalid
from portal.core.language import gettext as _
from portal.core.visits.specialties import Specialty

COMPLAINT_LIMIT = 500
SHORTEST_COMPLAINT = 3


@dataclass(frozen=True)
class Wish:
    """Who wants to see which doctor, and why."""

    beneficiary: Beneficiary
    specialty: Specialty
    complaint: str


def read_wish(account: Account, form: Mapping[str, str]) -> Wish:
    """The form's contents. Raises Invalid with every wrong field; somebody else's person is as unknown as nobody."""
    problems: dict[str, str] = {}
    own = (Beneficiary.uid == form.get("beneficiary", "")) & (Beneficiary.account == account)
    beneficiary = Beneficiary.get_or_none(own)
    if beneficiary is None:
        problems["beneficiary"] = _("Choose who needs the doctor.")
    specialty = Specialty.get_or_none((Specialty.code == form.get("specialty", "")) & Specialty.active)
    if specialty is None:
        problems["specialty"] = _("Choose a doctor from the list.")
    complaint = " ".join(form.get("complaint", "").split())
    if not SHORTEST_COMPLAINT <= len(complaint) <= COMPLAINT_LIMIT:
        problems["complaint"] = _(
            "Say in a few words what the trouble is, in at most %(limit)s characters.", limit=COMPLAINT_LIMIT
        )
    if form.get("consent") != "yes":
        problems["consent"] = _(
            "Without your consent the doctor may not treat you by telephone or video. Please tick the box."
        )
    if problems or beneficiary is None or specialty is None:
        raise Invalid(problems)
    return Wish(beneficiary, specialty, complaint)
