"""Listeners that push documents of consenting patients to a bridge, when one is on."""

from datetime import datetime

from portal.base.errors import NotFound
from portal.core.beneficiaries.consents import SHARING, current_consent
from portal.core.prescriptions import exchange
from portal.core.prescriptions.events import PrescriptionCancelled, PrescriptionSigned, PrescriptionStored
from portal.core.prescriptions.models import Prescription
from portal.core.visits.events import VisitCompleted
from portal.core.visits.states import COMPLETED
from portal.plugin_host.registry import registry
from portal.work.events import Event, listener


@listener(PrescriptionStored)
def hand_prescription(event: Event, now: datetime) -> None:
    """Push a stored prescription; of a further version the notes again too, when the visit is over."""
    _hand_again(PrescriptionStored.of(event).visit)


@listener(PrescriptionSigned)
def hand_signed(event: Event, now: datetime) -> None:
    """Push it again once its signature, which failed at first, is made; a stamped file goes nowhere."""
    told = PrescriptionSigned.of(event)
    if told.kind == "issued":
        _hand_again(told.visit)


@listener(PrescriptionCancelled)
def hand_cancelled(event: Event, now: datetime) -> None:
    """Push a cancelled prescription, and the notes again, so that the other side has their state."""
    _hand_again(PrescriptionCancelled.of(event).visit)


@listener(VisitCompleted)
def hand_visit(event: Event, now: datetime) -> None:
    """Push the notes of a completed visit; without a prescription there is no document."""
    _hand("visit", event.subject)


@listener(PrescriptionStored)
def order_investigations(event: Event, now: datetime) -> None:
    """Send the investigations as an order; that of the version before is taken back."""
    issued = exchange.prescription_of(PrescriptionStored.of(event).visit)
    if issued.replaces is not None:
        _order(issued.replaces, cancelled=True)
    _order(issued, cancelled=issued.cancelled_at is not None)


@listener(PrescriptionCancelled)
def take_order_back(event: Event, now: datetime) -> None:
    """Take the order of a cancelled prescription back."""
    _order(exchange.prescription_of(PrescriptionCancelled.of(event).visit), cancelled=True)


def _order(issued: Prescription, *, cancelled: bool) -> None:
    order = exchange.order_of(issued, cancelled=cancelled)
    if order.lines and current_consent(issued.beneficiary, SHARING):
        registry().first("send_order", order=order)


def _hand_again(visit_uid: str) -> None:
    issued = exchange.prescription_of(visit_uid)
    _hand("prescription", visit_uid)
    if issued.visit.state == COMPLETED and (issued.version > 1 or issued.cancelled_at):
        _hand("visit", visit_uid)


def _hand(kind: str, visit_uid: str) -> None:
    try:
        issued = exchange.prescription_of(visit_uid)
    except NotFound:
        return
    if current_consent(issued.beneficiary, SHARING):
        registry().first(f"push_{kind}", document=exchange.reference_to(kind, visit_uid))
