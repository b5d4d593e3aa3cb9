"""Listeners that queue the SMS of an event, in the recipient's language."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import cast

import peewee

from portal.base.clock import clinic_day
from portal.base.mobile import normalise
from portal.core.accounts.models import Account, OtpChallenge, OtpRequested, Staff
from portal.core.beneficiaries.events import BeneficiaryRegistered
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls.short_links import link_for
from portal.core.dispensing.events import IndentReady
from portal.core.dispensing.models import READY, Indent
from portal.core.messages.quiet import first_moment
from portal.core.messages.services import queue
from portal.core.prescriptions.events import PrescriptionCancelled, PrescriptionMisprinted, PrescriptionStored
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.events import (
    ReferralCancelled,
    ReferralEnding,
    ReferralExtended,
    ReferralIssued,
    ReferralRequestAnswered,
)
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.referring.events import FollowUpDue
from portal.core.visits import announcements
from portal.core.visits.events import (
    AnnouncementMade,
    CallMissed,
    NearTurn,
    StepUndone,
    TokenCancelled,
    TokenCarried,
    TokenExpired,
    TokenIssued,
    VisitCalled,
    VisitNoShow,
    VisitNotHeld,
    VisitTransferred,
)
from portal.core.visits.models import Announcement, Visit
from portal.core.visits.states import CALLED, NOT_HELD, TRANSFER
from portal.plugin_host.models import PluginFailed
from portal.store.prepared import Prepared
from portal.work.events import Event, listener


@listener(OtpRequested)
def send_otp(event: Event, now: datetime) -> None:
    """Queue the OTP: the row holds the challenge, the code is generated when it is sent."""
    challenge = OtpChallenge.get(OtpChallenge.uid == event.subject)
    values = {"challenge": challenge.uid, "minutes": OtpRequested.of(event).minutes}
    life = challenge.expires_at - event.at
    queue(event.uid, challenge.mobile, "otp", challenge.language, values, now=event.at, life=life)


@listener(BeneficiaryRegistered)
def send_registered(event: Event, now: datetime) -> None:
    """Queue the patient ID."""
    person = Beneficiary.get(Beneficiary.uid == event.subject)
    _tell(person, event, "registered", {"patient_id": person.patient_id})


@listener(TokenIssued)
def send_token(event: Event, now: datetime) -> None:
    """Queue token, queue number and patient ID."""
    person = _visit(event).beneficiary
    told = TokenIssued.of(event)
    values = {"token": told.token, "number": told.number, "patient_id": person.patient_id}
    _tell(person, event, "token", values)


@listener(NearTurn)
def send_near_turn(event: Event, now: datetime) -> None:
    """Queue "turn is near"."""
    told = NearTurn.of(event)
    values = {"token": told.token, "ahead": told.ahead}
    _tell(_visit(event).beneficiary, event, "near_turn", values)


@listener(VisitCalled)
def send_your_turn(event: Event, now: datetime) -> None:
    """Queue "it is your turn", which expires at the call's deadline."""
    told = VisitCalled.of(event)
    _tell_turn(event, told.token, told.deadline)


def _tell_turn(event: Event, token: str, deadline: str) -> None:
    visit, until = _visit(event), datetime.fromisoformat(deadline)
    life, link = until - event.at, link_for(visit, event.uid, until=until)
    values = {"token": token, "minutes": max(round(life.total_seconds() / 60), 1)}
    template, linked = ("your_turn_link", {"link": link}) if link else ("your_turn", {})
    _tell(visit.beneficiary, event, template, values | linked, life=life)


@listener(CallMissed)
def send_missed_call(event: Event, now: datetime) -> None:
    """Queue "missed call": the place is kept."""
    _tell(_visit(event).beneficiary, event, "missed_call", {"token": CallMissed.of(event).token})


@listener(VisitNoShow)
def send_no_show(event: Event, now: datetime) -> None:
    """Queue the end of the visit after the last missed call: a new token is needed."""
    visit = _visit(event)
    _tell(visit.beneficiary, event, "no_show", {"token": visit.past_token})


@listener(PrescriptionStored)
def send_prescription(event: Event, now: datetime) -> None:
    """Queue "prescription ready", or that it replaces another, only once the file is stored and while it holds."""
    prescription = Prescription.get(Prescription.uid == event.subject)
    before = prescription.replaces
    if prescription.replaced_at or prescription.cancelled_at:
        return
    if before is None:
        _tell(prescription.beneficiary, event, "prescription", {"number": prescription.number})
    else:
        values = {"number": before.number, "new": prescription.number}
        _tell(prescription.beneficiary, event, "prescription_replaced", values)


@listener(PrescriptionCancelled)
def send_cancelled(event: Event, now: datetime) -> None:
    """Queue that a prescription is cancelled, regardless of opt-outs."""
    prescription = Prescription.get(Prescription.uid == event.subject)
    _tell(prescription.beneficiary, event, "prescription_cancelled", {"number": prescription.number})


@listener(IndentReady)
def send_indent_ready(event: Event, now: datetime) -> None:
    """Queue that a medicine has come from the chemist, while it can be collected."""
    row = Indent.get(Indent.uid == event.subject)
    if row.state == READY:
        issued, day = row.prescription, f"{row.until:%d-%m-%Y}"
        values = {"number": issued.number, "centre": row.centre.code, "day": day}
        _tell(issued.beneficiary, event, "indent_ready", values)


@listener(PrescriptionMisprinted)
def send_misprint(event: Event, now: datetime) -> None:
    """Queue the warning of a misprinted unit to patient and author, regardless of opt-outs."""
    prescription = Prescription.get(Prescription.uid == event.subject)
    values = {"number": prescription.number}
    _tell(prescription.beneficiary, event, "misprint", values)
    doctor = prescription.doctor
    with suppress(ValueError):  # a landline gets no texts; the author's page says it too
        queue(event.uid, normalise(doctor.phone), "misprint", doctor.language, values, now=event.at)


@listener(TokenExpired, TokenCancelled, TokenCarried)
def send_session_cancelled(event: Event, now: datetime) -> None:
    """Queue the end of a token whose clinic session is over or cancelled, with the new token if there is one."""
    visit = _visit(event)
    person, day = visit.beneficiary, f"{visit.session.day:%d-%m-%Y}"
    values = {"token": visit.past_token, "day": day, "next": _next_words(visit, person.language)}
    _tell(person, event, "session_cancelled", values)


def _next_words(visit: Visit, spoken: str) -> str:
    """Say what follows, within the 30 characters of the registered variable."""
    new = visit.moved_to
    if new is None:
        return "नया टोकन लें" if spoken == "hi" else "Please request a new token"
    day = f"{new.session.day:%d-%m}"
    return f"{day}: नया टोकन {new.token}" if spoken == "hi" else f"New token {new.token} for {day}"


@listener(VisitTransferred)
def send_transferred(event: Event, now: datetime) -> None:
    """Queue the new token of a transfer, unless it was undone meanwhile."""
    visit = _visit(event)
    if visit.moved_to is not None:
        _tell(visit.beneficiary, event, "transferred", {"before": visit.past_token, "token": visit.moved_to.token})


@listener(StepUndone)
def send_token_again(event: Event, now: datetime) -> None:
    """Queue the token again after a transfer or an end without a consultation was undone; or the call, if it rings."""
    told = StepUndone.of(event)
    if told.undone not in (TRANSFER, NOT_HELD):
        return
    if told.to == CALLED and told.deadline:
        _tell_turn(event, told.token, told.deadline)
    else:
        visit = _visit(event)
        values = {"token": visit.token, "number": visit.number, "patient_id": visit.beneficiary.patient_id}
        _tell(visit.beneficiary, event, "token", values)


@listener(VisitNotHeld)
def send_not_held(event: Event, now: datetime) -> None:
    """Queue the end of a visit without a consultation."""
    visit = _visit(event)
    _tell(visit.beneficiary, event, "not_held", {"token": visit.past_token})


@listener(AnnouncementMade)
def send_announcement(event: Event, now: datetime) -> None:
    """Queue an announcement, once for each mobile; it expires with the announcement."""
    row = Announcement.get(Announcement.uid == event.subject)
    if row.withdrawn_at is None:
        for visit in announcements.audience(row, event.at):
            words = announcements.sms_words(row, visit.beneficiary.language)
            _tell(visit.beneficiary, event, "announcement", {"text": words}, life=row.until - row.at)


@listener(ReferralIssued, ReferralExtended)
def send_referral(event: Event, now: datetime) -> None:
    """Queue that a person is referred, and until when, unless the referral was withdrawn meanwhile."""
    referral = Referral.get(Referral.uid == event.subject)
    if referral.cancelled_at is None:
        _tell_entry(referral, event, "referral", {"number": referral.number, "day": f"{referral.valid_until:%d-%m-%Y}"})


@listener(ReferralEnding)
def send_referral_ending(event: Event, now: datetime) -> None:
    """Queue that a referral ends soon, unless it was extended or withdrawn meanwhile."""
    referral = Referral.get(Referral.uid == event.subject)
    if referral.cancelled_at is None and referral.valid_until.isoformat() == ReferralEnding.of(event).until:
        values = {"number": referral.number, "day": f"{referral.valid_until:%d-%m-%Y}"}
        _tell_entry(referral, event, "referral_ending", values)


@listener(FollowUpDue)
def send_follow_up(event: Event, now: datetime) -> None:
    """Queue the reminder of a follow-up, with what permits its token."""
    person, told = _visit(event).beneficiary, FollowUpDue.of(event)
    day = f"{date.fromisoformat(told.day):%d-%m-%Y}"
    _tell(person, event, "follow_up", {"day": day, "next": _way_words(told.way, person.language)})


def _way_words(way: str, spoken: str) -> str:
    """Say whether a referral is needed, within the 30 characters of the registered variable."""
    if way == "none":
        return "पहले नया रेफ़रल लें" if spoken == "hi" else "needs a new referral first"
    return "नया रेफ़रल नहीं चाहिए" if spoken == "hi" else "needs no new referral"


@listener(ReferralCancelled)
def send_referral_withdrawn(event: Event, now: datetime) -> None:
    """Queue that a referral is withdrawn."""
    referral = Referral.get(Referral.uid == event.subject)
    _tell_entry(referral, event, "referral_withdrawn", {"number": referral.number})


@listener(ReferralRequestAnswered)
def send_request_answered(event: Event, now: datetime) -> None:
    """Queue that a request is answered without a referral; a referral has its own text."""
    if ReferralRequestAnswered.of(event).referral is None:
        request = ReferralRequest.get(ReferralRequest.uid == event.subject)
        day = f"{clinic_day(request.asked_at):%d-%m-%Y}"
        _tell(request.beneficiary, event, "request_answered", {"day": day})


@listener(PluginFailed)
def tell_administrators(event: Event, now: datetime) -> None:
    """Queue one text to each administrator with a mobile. The audit log and the overview say it anyway."""
    for person in Staff.select().where((Staff.role == "admin") & Staff.disabled_at.is_null()):
        try:
            mobile = normalise(person.phone)
        except ValueError:
            continue
        queue(event.uid, mobile, "plugin_failed", person.language, {"plugin": event.subject[:30]}, now=event.at)


@Prepared
def _with_person(uid: object) -> peewee.Select:
    rows = Visit.select(Visit, Beneficiary, Account).join(Beneficiary).join(Account)
    return rows.where(Visit.uid == uid)


def _visit(event: Event) -> Visit:
    return cast(Visit, _with_person.all(event.subject)[0])


def _tell_entry(referral: Referral, event: Event, template: str, values: Mapping[str, object]) -> None:
    """Queue a text to the register's mobile, as a person may be referred before registering on the portal."""
    entry = referral.entry
    person = Beneficiary.get_or_none(Beneficiary.entry == entry)
    account = person.account if person else Account.get_or_none(Account.mobile == entry.mobile)
    spoken, mobile = (person or account), (account.mobile if account else entry.mobile)
    first = first_moment(template, event.at)
    language = spoken.language if spoken else "en"
    queue(event.uid, mobile, template, language, values, now=event.at, not_before=first)


def _tell(
    person: Beneficiary, event: Event, template: str, values: Mapping[str, object], life: timedelta | None = None
) -> None:
    first = first_moment(template, event.at)
    queue(
        event.uid, person.account.mobile, template, person.language, values, now=event.at, life=life, not_before=first
    )
