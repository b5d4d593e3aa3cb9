"""Prescriptions and documents of visits, and the consents to share them.

SHARING is the purpose of the consent to send documents to an external health-record system; GIVEN_NAMED the version of
its text that first named the medicines given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.base.clock import now
from portal.base.errors import NotFound
from portal.core.accounts.here import signed_in
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries import services as beneficiaries
from portal.core.beneficiaries.consents import GIVEN_NAMED, SHARING, current_consent
from portal.core.beneficiaries.holds import require_readable
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart.facts import may_read
from portal.core.prescribing.doses import often_in_words as frequency_in_words
from portal.core.prescribing.doses import per_day as times_a_day
from portal.core.prescriptions import reading
from portal.core.prescriptions.exchange import record_of
from portal.core.privacy import doors
from portal.core.visits.models import Visit
from portal.plugin_host import capabilities
from portal.work.audit import Actor

__all__ = [
    "GIVEN_NAMED",
    "SHARING",
    "Issued",
    "fetch_records",
    "frequency_in_words",
    "give_consent",
    "has_agreed",
    "issued_to",
    "readable_beside",
    "record_of",
    "times_a_day",
]


@dataclass(frozen=True)
class Issued:
    """An issued prescription. `is_stored`: its PDF is rendered, so that `record_of` works."""

    number: str
    version: int
    is_cancelled: bool
    is_stored: bool


def issued_to(account_uid: str, visit_uid: str) -> Issued:
    """Return the prescription of a visit of this account, for a view of the family.

    Raises NotFound for others, before it is issued, and for a private visit that this sign-in has not opened.
    Raises NotAllowed for a day after the person's mobile was corrected at a desk.
    """
    account = Account.get_or_none(Account.uid == account_uid)
    if account is None:
        raise NotFound
    row = reading.open_for_account(account, visit_uid)
    require_readable(row.beneficiary, now())
    if doors.is_private(row.visit) and doors.is_closed(row.visit, signed_in().row, now()):
        raise NotFound
    return Issued(row.number, row.version, row.cancelled_at is not None, row.stored_at is not None)


def fetch_records(visit_uid: str) -> None:
    """Ask the hook `record_in` for the files of a visit, soon and in a job: when your plugin knows of new ones.

    Within write(), it is asked after the commit.
    """
    capabilities.fetch_records(visit_uid)


def has_agreed(patient_uid: str, purpose: str, *, named_in: str = "") -> bool:
    """Has this person a valid consent for a purpose, such as SHARING or one of your own?

    `named_in`: the version of the text that first named what you do; a consent to an earlier one does not count.
    """
    row = Beneficiary.get_or_none(Beneficiary.uid == patient_uid)
    return row is not None and current_consent(row, purpose, named_in=named_in) is not None


def readable_beside(visit_uid: str, others: Iterable[str]) -> frozenset[str]:
    """Return those of a patient's visits of which the doctor of this visit may read more than the medicines.

    Results and reports follow the rule of notes (docs/rules/safety.md): what a visit to a private specialty, such as
    psychiatry, ordered is for that specialty and its author. Before a doctor has the visit, none of these is returned.
    """
    now_with = Visit.get_or_none(Visit.uid == visit_uid)
    if now_with is None:
        return frozenset()
    mine = Visit.uid.in_(sorted(set(others))) & (Visit.beneficiary == now_with.beneficiary)
    return frozenset(row.uid for row in Visit.select().where(mine) if _may_read_beside(row, now_with.doctor))


def _may_read_beside(ordered: Visit, reader: Staff | None) -> bool:
    specialty = ordered.session.specialty
    if reader is None or ordered.doctor is None:
        return not specialty.is_private
    return may_read(specialty, ordered.doctor, reader)


def give_consent(patient_uid: str, purpose: str, *, by: Actor, language: str, now: datetime) -> str:
    """Store this person's consent to the text shown, in `en` or `hi`; returns its uid. Raises NotFound.

    `purpose` is a key of your own, at most 20 characters.
    """
    row = Beneficiary.get_or_none(Beneficiary.uid == patient_uid)
    if row is None:
        raise NotFound
    return str(beneficiaries.give_consent(row, purpose, by=by, language=language, now=now).uid)
