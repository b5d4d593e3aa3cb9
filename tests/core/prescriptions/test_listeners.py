"""Investigations go out as orders, of patients who agreed; what no longer holds is taken back."""

import pytest

from portal.contracts import BridgeReceipt, GatewayError
from portal.core.beneficiaries.consents import SHARING
from portal.core.beneficiaries.services import give_consent
from portal.core.prescriptions import exchange
from portal.core.prescriptions.models import Prescription
from portal.work import events
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
from tests.core.prescriptions.test_cancelling import cancel
from tests.fakes import install_plugin

pytestmark = pytest.mark.usefixtures("usual_medicines")
TESTS = "HbA1c\n- Complete blood count; Serum creatinine\n\n"


@pytest.fixture
def orders(app, db):
    sent = []
    install_plugin(app, "lab", send_order=lambda order: sent.append(order) or BridgeReceipt(order.uid))
    return sent


def issue(now, *, agrees=True, tests=TESTS) -> Prescription:
    issued = make_prescription(now, investigations=tests)
    if agrees:
        give_consent(issued.beneficiary, SHARING, by=SYSTEM, language="en", now=now)
    return issued


def test_an_order_has_a_line_for_each_investigation(orders, queue, now):
    issued = issue(now)
    queue.drain()
    (order,) = orders
    assert order.lines == ("HbA1c", "Complete blood count", "Serum creatinine")
    assert (order.uid, order.number, order.cancelled) == (issued.uid, issued.number, False)
    assert order.patient.ben_id == issued.beneficiary.entry.ben_id


@pytest.mark.parametrize("how", [{"agrees": False}, {"tests": ""}], ids=["without consent", "without investigations"])
def test_nothing_goes_out(orders, queue, now, how):
    issue(now, **how)
    queue.drain()
    assert orders == []


def test_a_cancelled_prescription_takes_its_order_back(orders, queue, now):
    issued = issue(now)
    queue.drain()
    cancel(issued, issued.doctor, now)
    queue.drain()
    assert [order.cancelled for order in orders] == [False, True]
    assert {order.uid for order in orders} == {issued.uid}


def test_a_laboratory_that_is_down_gets_the_order_later(app, queue, clock, now):
    answers = [GatewayError("down"), None]
    sent = []

    def later(order):
        answer = answers.pop(0)
        if answer:
            raise answer
        sent.append(order)
        return BridgeReceipt(order.uid)

    install_plugin(app, "lab", send_order=later)
    issue(now)
    queue.drain()
    assert sent == []
    events.sweep_undelivered(clock.tick(3600))
    queue.drain()
    assert len(sent) == 1


def test_the_order_of_a_version_is_its_own(db, now):
    issued = issue(now)
    order = exchange.order_of(issued, cancelled=True)
    assert (order.uid, order.cancelled, order.visit_uid) == (issued.uid, True, issued.visit.uid)
