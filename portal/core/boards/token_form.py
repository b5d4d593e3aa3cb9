"""The token request form, validated as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

import peewee

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Specialty
from portal.store.prepared import Prepared

COMPLAINT_LIMIT = 500
SHORTEST_COMPLAINT = 3


@dataclass(frozen=True)
class TokenRequest:
    """A validated token request: who, which specialty, why."""

    beneficiary: Beneficiary
    specialty: Specialty
    complaint: str


@Prepared
def _own_person(uid: object, account: object) -> peewee.Select:
    people = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry)
    return people.where((Beneficiary.uid == uid) & (Beneficiary.account == account))


@Prepared
def _offered(code: object) -> peewee.Select:
    return Specialty.select().where((Specialty.code == code) & Specialty.active)


@Prepared
def _all_offered() -> peewee.Select:
    return Specialty.select().where(Specialty.active).order_by(Specialty.id)


def on_offer() -> list[Specialty]:
    """Return the active specialties."""
    return _all_offered.all()


def read_token_request(account: Account, form: Mapping[str, str]) -> TokenRequest:
    """Validate the form. Raises Invalid with every wrong field; another account's person counts as missing."""
    problems: dict[str, str] = {}
    beneficiary = _own_person.first(form.get("beneficiary", ""), account)
    if beneficiary is None:
        problems["beneficiary"] = _("Choose who needs the doctor.")
    specialty = _offered.first(form.get("specialty", ""))
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
    return TokenRequest(beneficiary, specialty, complaint)
