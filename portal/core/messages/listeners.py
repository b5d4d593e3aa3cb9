"""Which event makes which text, in the patient's language."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.core.accounts.models import OtpChallenge
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clock import ist
from portal.core.events import Event, listener
from portal.core.messages.services import LASTING, LIFE, queue
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit


@listener("OtpRequested")
def send_otp(event: Event, now: datetime) -> None:
    """The code itself is made only when the text is: the row holds the challenge."""
    challenge = OtpChallenge.get(OtpChallenge.uid == event.subject)
    values = {"challenge": challenge.uid, "minutes": event.data["minutes"]}
    life = challenge.expires_at - event.at
    queue(event.uid, challenge.mobile, "otp", challenge.language, values, now=event.at, life=life)


@listener("BeneficiaryRegistered")
def send_registered(event: Event, now: datetime) -> None:
    """The patient ID."""
    person = Beneficiary.get(Beneficiary.uid == event.subject)
    _tell(person, event, "registered", {"patient_id": person.patient_id}, life=LASTING)


@listener("TokenIssued")
def send_token(event: Event, now: datetime) -> None:
    """Token, queue number, patient ID."""
    person = _visit(event).beneficiary
    values = {"token": event.data["token"], "number": event.data["number"], "patient_id": person.patient_id}
    _tell(person, event, "token", values)


@listener("NearTurn")
def send_near_turn(event: Event, now: datetime) -> None:
    """Few are ahead."""
    values = {"token": event.data["token"], "ahead": event.data["ahead"]}
    _tell(_visit(event).beneficiary, event, "near_turn", values, life=timedelta(minutes=20))


@listener("VisitCalled")
def send_your_turn(event: Event, now: datetime) -> None:
    """The doctor calls. Worth nothing when the deadline is over."""
    deadline = datetime.fromisoformat(str(event.data["deadline"]))
    life = deadline - event.at
    minutes = max(round(life.total_seconds() / 60), 1)
    _tell(_visit(event).beneficiary, event, "your_turn", {"token": event.data["token"], "minutes": minutes}, life=life)


@listener("CallMissed")
def send_missed_call(event: Event, now: datetime) -> None:
    """The call lapsed, the place is kept."""
    _tell(_visit(event).beneficiary, event, "missed_call", {"token": event.data["token"]}, life=timedelta(hours=1))


@listener("VisitNoShow")
def send_no_show(event: Event, now: datetime) -> None:
    """The last call lapsed too: the visit is over, and only a new token helps."""
    _tell(_visit(event).beneficiary, event, "no_show", {"token": event.data["token"]})


@listener("PrescriptionStored")
def send_prescription(event: Event, now: datetime) -> None:
    """The prescription can be read: sent only when the file is there."""
    prescription = Prescription.get(Prescription.uid == event.subject)
    _tell(prescription.beneficiary, event, "prescription", {"number": prescription.number}, life=LASTING)


@listener("TokenExpired")
def send_session_cancelled(event: Event, now: datetime) -> None:
    """The clinic closed before this token's turn."""
    visit = _visit(event)
    values = {"token": visit.token, "day": ist(visit.session.opens_at).strftime("%d-%m-%Y")}
    _tell(visit.beneficiary, event, "session_cancelled", values, life=LASTING)


def _visit(event: Event) -> Visit:
    return Visit.get(Visit.uid == event.subject)


def _tell(
    person: Beneficiary, event: Event, template: str, values: Mapping[str, object], life: timedelta = LIFE
) -> None:
    queue(event.uid, person.account.mobile, template, person.language, values, now=event.at, life=life)
