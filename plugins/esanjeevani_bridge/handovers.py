"""Hand-over of a patient to e-Sanjeevani: consent first, then three calls, each hand-over audited."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.api import clinic
from portal.api.base import Conflict, Invalid, NotFound, plain_digits
from portal.api.base import gettext as _
from portal.api.clinic import StaffMember, Visit, age_on
from portal.api.clock import at_ist, clinic_day
from portal.api.documents import give_consent
from portal.api.storage import one_at_a_time, write
from portal.api.work import Actor, DomainEvent, note, record
from portal.contracts import GatewayError

from . import sanjeevani
from .models import Credential, Handover, HandoverBegun, HandoverFailed, HandoverLaunched, SanjeevaniLoginKept
from .places import place_of
from .sanjeevani import Login, Person
from .settings import Settings

CONSENT = "esanjeevani"
PIN_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class HandoverForm:
    """The form as typed."""

    reason: str
    place: str
    postal_code: str
    consent: str


def reasons() -> dict[str, str]:
    """Return the reasons of a hand-over."""
    return {
        "no_doctor": _("No specialist is on duty here"),
        "full": _("Today's session is full"),
        "moves": _("The patient moves away"),
    }


def keep_login(staff: StaffMember, username: str, password: str, *, by: Actor, now: datetime) -> None:
    """Store credentials, encrypted; of the password only its SHA-512, which is all the interface needs."""
    problems = {}
    if not 0 < len(username.strip()) <= 100:
        problems["username"] = _("Give the user name at e-Sanjeevani.")
    if not 0 < len(password) <= 200:
        problems["password"] = _("Give the password at e-Sanjeevani.")
    if problems:
        raise Invalid(problems)
    sealed = Credential.secret.seal(sanjeevani.sha512(password))
    values = {"username": username.strip(), "secret": sealed, "changed_at": now}
    with write():
        one_at_a_time(f"sanjeevani {staff.uid}")
        Credential.delete().where(Credential.staff_uid == staff.uid).execute()
        Credential.create(staff_uid=staff.uid, **values)
        record(SanjeevaniLoginKept(), staff.uid, by=by, now=now)


def login_of(staff: StaffMember) -> Login | None:
    """Return this person's credentials there; None without, or when they cannot be decrypted any more."""
    row: Credential | None = Credential.get_or_none(Credential.staff_uid == staff.uid)
    secret = Credential.secret.unseal(row.secret) if row else None
    return Login(row.username, secret) if row and secret else None


def hand_over(
    visit: Visit, staff: StaffMember, wish: HandoverForm, settings: Settings, *, by: Actor, language: str, now: datetime
) -> tuple[Handover, str]:
    """Record the consent, create the patient there, request the launch URL: (hand-over, URL).

    Raises Invalid before anything is sent; GatewayError after, when the other side fails (the row has the error).
    """
    login = login_of(staff)
    if not settings.sanjeevani_url:
        raise Conflict(_("The hand-over to e-Sanjeevani is not set up."))
    if login is None:
        raise Conflict(_("Give your sign-in at e-Sanjeevani first."))
    person = _person(visit, wish, now)
    with write():
        consent = give_consent(visit.patient.uid, CONSENT, by=by, language=language, now=now)
        row = Handover.create(
            visit_uid=visit.uid,
            patient_uid=visit.patient.uid,
            staff_uid=staff.uid,
            reason=wish.reason,
            consent_uid=consent,
            place=person.place.code,
            begun_at=now,
        )
        record(HandoverBegun(visit.uid, wish.reason, row.uid), visit.uid, by=by, now=now)
    return row, _run(row, login, person, settings, by=by, now=now)


def open_again(row: Handover, staff: StaffMember, settings: Settings, *, by: Actor, now: datetime) -> str:
    """Request a new launch URL of one's own hand-over, as each works once."""
    login = login_of(staff)
    if login is None:
        raise Conflict(_("Give your sign-in at e-Sanjeevani first."))
    address = sanjeevani.launch_address(settings, login)
    note("HandoverOpened", row.visit_uid, by=by, now=now, handover=row.uid)
    return address


def own(staff: StaffMember, uid: str) -> Handover:
    """Get a hand-over that this person began. Raises NotFound."""
    row: Handover | None = Handover.get_or_none((Handover.uid == uid) & (Handover.staff_uid == staff.uid))
    if row is None:
        raise NotFound
    return row


def report(since: date, until: date) -> list[tuple[StaffMember, int, int, int]]:
    """Count (who, begun, launched, failed) from `since` to `until`, both included."""
    start, end = at_ist(since, time()), at_ist(until + timedelta(days=1), time())
    counts: dict[str, list[int]] = {}
    for row in Handover.select().where((Handover.begun_at >= start) & (Handover.begun_at < end)):
        count = counts.setdefault(row.staff_uid, [0, 0, 0])
        count[0] += 1
        count[1] += row.state in {"launched", "ended"}
        count[2] += row.state == "failed"
    return [(one, *counts[one.uid]) for one in clinic.staff_members(counts)]  # type: ignore[misc]


def _run(row: Handover, login: Login, person: Person, settings: Settings, *, by: Actor, now: datetime) -> str:
    try:
        token = sanjeevani.provider_login(settings, login)
        answer = sanjeevani.create_patient(settings, token, person)
        address = sanjeevani.launch_address(settings, login)
    except GatewayError as error:
        _finish(row, {"state": "failed", "error": str(error)[:200]}, HandoverFailed(row.visit_uid, row.uid), by, now)
        raise
    _finish(row, {"state": "launched", "answer": answer}, HandoverLaunched(row.visit_uid, row.uid), by, now)
    return address


def _finish(row: Handover, values: Mapping[str, str], event: DomainEvent, by: Actor, now: datetime) -> None:
    with write():
        Handover.update(**values).where(Handover.id == row.id).execute()
        record(event, row.visit_uid, by=by, now=now)


def _person(visit: Visit, wish: HandoverForm, now: datetime) -> Person:
    """Build what will be sent. Raises Invalid with every wrong field."""
    problems: dict[str, str] = {}
    if wish.reason not in reasons():
        problems["reason"] = _("Choose why the patient goes on at e-Sanjeevani.")
    postal_code = plain_digits(wish.postal_code.strip())
    if not PIN_CODE.fullmatch(postal_code):
        problems["postal_code"] = _("A PIN code has six digits.")
    if wish.consent != "yes":
        problems["consent"] = _("Without the patient's consent nothing may be sent to e-Sanjeevani.")
    try:
        place = place_of(wish.place)
    except Invalid as error:
        problems |= error.fields
    if problems:
        raise Invalid(problems)
    patient = visit.patient
    return Person(
        name=patient.name,
        gender=patient.gender,
        birth_date=patient.birth_date,
        age=age_on(patient.birth_date, clinic_day(now)),
        mobile=patient.mobile,
        address=patient.address,
        postal_code=postal_code,
        place=place,
        abha_number=patient.abha_number or None,
        abha_address=patient.abha_address or None,
    )
