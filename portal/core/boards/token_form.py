"""The token request form, validated as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import peewee

from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.contracts import Refusal, TokenWish
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic import sessions
from portal.core.clinic.models import Specialty
from portal.core.referrals.checks import EXEMPT_AGE, EXEMPT_FOLLOWUP, Gate, is_exempt
from portal.core.referring.lines import ComingFollowUp, ReferralLine
from portal.core.rosters.reading import why_no_token
from portal.core.visits.attendance import present
from portal.plugin_host.fallbacks import refusal_of
from portal.plugin_host.registry import registry
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


def preselected(
    people: Sequence[Beneficiary], ways: Sequence[ReferralLine | ComingFollowUp], day: date
) -> dict[str, str]:
    """Return what the form has chosen already: the only person, or the only way to a doctor that the family has now.

    `ways`: the family's referrals and follow-ups; whom age exempts may go to any doctor.
    """
    found = {(way.person.uid, way.specialty.code) for way in ways if way.specialty is not None and way.is_near(day)}
    if len(found) == 1 and not any(is_exempt(person.entry, day) for person in people):
        return dict(zip(("beneficiary", "specialty"), found.pop(), strict=True))
    return {"beneficiary": people[0].uid} if len(people) == 1 else {}


def without_a_way(
    people: Sequence[Beneficiary], ways: Sequence[ReferralLine | ComingFollowUp], day: date
) -> list[Beneficiary]:
    """List who can get no token now: no referral, no follow-up that is near, not exempt by age.

    A referral to a private specialty counts, though it is closed to the reader.
    """
    able = {way.person.id for way in ways if way.is_near(day)}
    return [person for person in people if person.id not in able and not is_exempt(person.entry, day)]


def offers_today(
    offered: Sequence[Specialty], remarks: Mapping[str, str], now: datetime, chosen: str = ""
) -> tuple[list[tuple[str, str, str]], str]:
    """Return (code, name, remark) of each specialty, and a sentence when the chosen one, or all, give no token today.

    Told before the form is filled: a specialty without a doctor today has that, and its next day, as its remark.
    """
    closed = sessions.window(None, now)
    shut = {} if closed else why_no_token(offered, now, present)
    lines = [(row.code, in_language(row), shut.get(row.code) or remarks[row.code]) for row in offered]
    whole = next(iter(shut.values()), "") if shut and all(shut.values()) else ""
    return lines, closed or shut.get(chosen, "") or whole


class Refused(Conflict):
    """A plugin refuses the token; `url` and `label` lead to where the patient goes on, empty without such a page."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.url, self.label = refusal.url, refusal.label


def require_plugins_agree(wanted: TokenRequest, way: Gate, now: datetime) -> None:
    """Ask the plugins, outside a transaction. Raises Refused with the words of the first that refuses.

    An urgent referral is not asked about: nobody waits for a payment then.
    """
    if way.urgent:
        return
    kinds = {EXEMPT_AGE: "exempt", EXEMPT_FOLLOWUP: "follow_up"}
    person = wanted.beneficiary
    wish = TokenWish(person.uid, person.entry.ben_id, wanted.specialty.code, kinds.get(way.exemption, "referral"))  # type: ignore[arg-type]
    refusal = refusal_of(registry(), wish, now)
    if refusal is not None:
        raise Refused(refusal)


def read_token_request(
    account: Account, form: Mapping[str, str], besides: Mapping[str, str] | None = None
) -> TokenRequest:
    """Validate the form. `besides`: what else is wrong.

    Raises Invalid with every wrong field; another account's person counts as missing.
    """
    problems: dict[str, str] = {**(besides or {})}
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
