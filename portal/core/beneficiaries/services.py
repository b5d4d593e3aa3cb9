"""Registration of a person of the register on the account of the register's mobile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import peewee

from portal.base import typed
from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import LANGUAGES
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, account_of
from portal.core.beneficiaries.events import BeneficiaryRegistered
from portal.core.beneficiaries.identity import age_on, make_patient_id, normalise_ben_id
from portal.core.beneficiaries.models import Beneficiary, Consent, RegisterEntry
from portal.core.clinic.models import Centre
from portal.settings.sign_in import SignInRules
from portal.store.db import write
from portal.store.numbers import next_number
from portal.store.prepared import Prepared, insert
from portal.work import throttle
from portal.work.audit import Actor
from portal.work.events import record

CONSENT_VERSION = "2026-12"
ADDRESS_LIMIT = 200


@dataclass(frozen=True)
class Application:
    """The registration form as typed. Name, gender and centre are shown there but taken from the register."""

    ben_id: str
    born: tuple[str, str, str]  # day, month, year; or a whole date in the first
    address: str
    language: str
    consent: str


def register(account: Account, form: Application, *, by: Actor, now: datetime) -> Beneficiary:
    """Register a person. Ben ID, birth date and the account's mobile must match the register.

    Raises Invalid with every malformed field, or with one sentence for every mismatch, so that nothing of the
    register is disclosed. Rate-limited per account and day. Idempotent: returns the person registered before. Who had
    the account closed comes back with the same patient ID.
    """
    born = _checked(form, clinic_day(now))
    _require_tries(account, now)
    entry = _matching(account, form.ben_id, born)
    if entry is None:
        throttle.hit(_bucket(account), now=now)
        raise Invalid({"": _mismatch()})
    with write():
        return _enrol(account, entry, form, by, now)


def register_seen(
    entry: RegisterEntry, form: Application, *, besides: Mapping[str, str], by: Actor, now: datetime
) -> Beneficiary:
    """Register somebody whom the desk has before it, on the account of the register's mobile. Idempotent.

    `besides`: what else is wrong. Raises Invalid with every wrong field, also for a birth date that is not the
    register's; Conflict when the account of that mobile is closed, or the person is no longer in the scheme.
    """
    if _checked(form, clinic_day(now), besides) != entry.date_of_birth:
        raise Invalid({"date_of_birth": _("The register has another date of birth. Look at the card again.")})
    if entry.left_on is not None:
        raise Conflict(_("The register says that this person is no longer in the scheme. The administrator can help."))
    with write():
        account = account_of(entry.mobile, form.language, now=now)
        if account.disabled_at is not None:
            raise Conflict(_("The account of this mobile number is closed. The administrator can help."))
        return _enrol(account, entry, form, by, now)


def _enrol(account: Account, entry: RegisterEntry, form: Application, by: Actor, now: datetime) -> Beneficiary:
    existing: Beneficiary | None = Beneficiary.get_or_none(Beneficiary.entry == entry)
    if existing is not None and existing.account.disabled_at is not None:
        return _return(existing, account, form, by, now)
    return existing or _create(account, entry, form, by, now)


@Prepared
def _family(account: object) -> peewee.Select:
    people = Beneficiary.select(Beneficiary, RegisterEntry, Centre).join(RegisterEntry).join(Centre)
    return people.where(Beneficiary.account == account).order_by(Beneficiary.id)


def people_of(account: Account) -> list[Beneficiary]:
    """List the registered people of an account, in the order of registration."""
    return _family.all(account)


def own(account: Account, uid: str) -> Beneficiary:
    """Find a person of this account. Raises NotFound for anybody else's."""
    person = Beneficiary.get_or_none((Beneficiary.uid == uid) & (Beneficiary.account == account))
    if person is None:
        raise NotFound
    return person


def give_consent(person: Beneficiary, purpose: str, *, by: Actor, language: str, now: datetime) -> Consent:
    """Store a consent with the version and language of the text shown (TPG 2020 3.4, DPDP s.6)."""
    given = Consent(
        beneficiary=person, purpose=purpose, version=CONSENT_VERSION, language=language, given_by=by.uid, given_at=now
    )
    return insert(given)


def _checked(form: Application, today: date, besides: Mapping[str, str] | None = None) -> date:
    problems: dict[str, str] = {**(besides or {})}
    if not ben_id_of(form.ben_id):
        problems["ben_id"] = _("Give the Ben ID as on the card: 5 to 10 digits.")
    born, wrong = _born(form.born, today)
    problems |= wrong
    if not 3 <= len(form.address.strip()) <= ADDRESS_LIMIT:
        problems["address"] = _(
            "Give the address where you are now, in at most %(limit)s characters.", limit=ADDRESS_LIMIT
        )
    if form.language not in LANGUAGES:
        problems["language"] = _("Choose a language.")
    if form.consent != "yes":
        problems["consent"] = _(
            "Without your consent we may not keep your data. Please tick the box, or visit your wellness centre."
        )
    if problems:
        raise Invalid(problems)
    return born


def ben_id_of(text: str) -> str:
    """Normalise a Ben ID; "" when it cannot be one."""
    try:
        return normalise_ben_id(text)
    except ValueError:
        return ""


def _born(boxes: tuple[str, str, str], today: date) -> tuple[date, dict[str, str]]:
    """Return the birth date, and errors by the name of the box."""
    if not any(text.strip() for text in boxes):
        return today, {"date_of_birth": _("Give the date of birth as on the card: day, month and year.")}
    try:
        born = typed.read_boxes(boxes)
        age_on(born, today)
    except typed.NotADate as error:
        return today, {f"date_of_birth{error.box}": str(error)}
    except ValueError as error:
        return today, {"date_of_birth-year": str(error)}
    return born, {}


def _matching(account: Account, ben_id: str, born: date) -> RegisterEntry | None:
    found: RegisterEntry | None = RegisterEntry.get_or_none(
        (RegisterEntry.ben_id == ben_id_of(ben_id))
        & (RegisterEntry.date_of_birth == born)
        & (RegisterEntry.mobile == account.mobile)
        & RegisterEntry.left_on.is_null()
    )
    return found


def _require_tries(account: Account, now: datetime) -> None:
    tries = SignInRules.in_force().registration_tries_per_day
    if throttle.count(_bucket(account), within=timedelta(days=1), now=now) >= tries:
        raise Invalid(
            {"": _("Too many attempts today. Please call the helpline or visit your wellness centre with the card.")}
        )


def _mismatch() -> str:
    return _(
        "These details do not match the register. Check the Ben ID and date of birth on the card, and that you "
        "signed in with the mobile number that the wellness centre has. The wellness centre can correct the register."
    )


def _bucket(account: Account) -> str:
    return f"register:{account.uid}"


def _create(account: Account, entry: RegisterEntry, form: Application, by: Actor, now: datetime) -> Beneficiary:
    person = Beneficiary.create(
        entry=entry,
        account=account,
        patient_id=make_patient_id(next_number("patient"), clinic_day(now)),
        address=" ".join(form.address.split()),
        language=form.language,
        registered_at=now,
    )
    give_consent(person, "registration", by=by, language=form.language, now=now)
    record(BeneficiaryRegistered(), person.uid, by=by, now=now)
    return person


def _return(person: Beneficiary, account: Account, form: Application, by: Actor, now: datetime) -> Beneficiary:
    """Register somebody again whose account was closed."""
    person.account, person.address, person.language = account, " ".join(form.address.split()), form.language
    person.save(only=(Beneficiary.account, Beneficiary.address, Beneficiary.language))
    give_consent(person, "registration", by=by, language=form.language, now=now)
    record(BeneficiaryRegistered(), person.uid, by=by, now=now)
    return person
