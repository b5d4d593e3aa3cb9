"""A real Kannel between the running portal and an SMSC: texts out, delivery reports back, and Kannel killed."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from portal_plugins.sms_gateway import services

from portal.base import outbound
from tests.day import cast
from tests.day.reader import Person
from tests.plugins.sms_gateway.conftest import ENTITY, HINDI, TEMPLATE, make_message
from tests.plugins.sms_gateway.kannel import Delivered, Kannel, running_kannel
from tests.scripted import Step
from tests.servers import ROOT, Portal, complaints, running_portal, wait_for

PATIENT = 300  # seconds: after some failed tries the next one is minutes away
QUEUE = """
import sys
from portal.app import create_app
from portal.base.clock import now
from portal.core.messages.services import queue
with create_app().app_context():
    for number, mobile in enumerate(sys.argv[1:]):
        queue(f"cause-{number}", mobile, "registered", "en", {"patient_id": "%013d" % number}, now=now())
"""


@pytest.fixture(scope="module")
def kannel(tmp_path_factory) -> Iterator[Kannel]:
    with running_kannel(tmp_path_factory.mktemp("kannel")) as kannel:
        yield kannel


@pytest.fixture(scope="module")
def clinic(kannel, tmp_path_factory) -> Iterator[Portal]:
    """The running portal, with Kannel as its only driver. Its log has errors about Kannel and nothing else."""
    settings = {
        "PORTAL_INTERNAL_HOSTS": urlsplit(kannel.url).netloc,
        "PORTAL_SMS_GATEWAY_DRIVERS": "kannel",
        "PORTAL_SMS_GATEWAY_KANNEL_URL": kannel.url,
        "PORTAL_SMS_GATEWAY_KANNEL_USERNAME": "opd",
        "PORTAL_SMS_GATEWAY_KANNEL_PASSWORD": "opdpw",
    }
    with running_portal(tmp_path_factory.mktemp("clinic"), **settings) as portal:
        yield portal
        assert [line for line in complaints(portal) if '"plugin": "sms_gateway"' not in line] == []
        (portal.data_dir / "worker.log").write_text("")


def states(clinic: Portal, where: str) -> list[str]:
    with closing(sqlite3.connect(clinic.data_dir / "portal.db")) as database:
        return [state for (state,) in database.execute(f"SELECT state FROM message WHERE {where} ORDER BY id")]  # noqa: S608


def arrived(kannel: Kannel, mobile: str) -> list[Delivered]:
    return [text for text in kannel.centre.ledger if text.to == f"91{mobile}"]


def say(clinic: Portal, *mobiles: str) -> None:
    line = [sys.executable, "-c", QUEUE, *(f"+91{mobile}" for mobile in mobiles)]
    subprocess.run(line, env=os.environ | clinic.environ, cwd=ROOT, check=True)


def come_to(clinic: Portal, where: str, wanted: list[str]) -> None:
    def done() -> bool:
        return states(clinic, where) == wanted

    wait_for(done, f"{where} to be {wanted}", PATIENT)


def test_an_otp_and_a_hindi_token_reach_the_operator_and_delivery_reports_come_back(kannel, clinic):
    patient = Person(clinic.url).open("/login").press("Send OTP", {"mobile": "9000000001"})
    otp = wait_for(lambda: arrived(kannel, "9000000001"), "the OTP")[0]
    assert otp.sender == "CGHSTC"
    patient.press("Verify", {"otp": cast.otp_of(otp.text)})
    cast.register(patient, "1000003", "1950-01-01", language="hi")
    cast.ask_for_token(patient)
    texts = wait_for(lambda: arrived(kannel, "9000000001")[2:], "the token")
    assert texts[0].text.startswith("टोकन MED-001, कतार नंबर 1, मरीज़ आईडी ")
    come_to(clinic, "\"to\" = '+919000000001'", ["delivered"] * 3)


def test_undeliverable_and_rejected_texts_fail(kannel, clinic):
    say(clinic, "9876540000", "9876549999")
    come_to(clinic, "\"to\" IN ('+919876540000', '+919876549999')", ["failed"] * 2)


def test_while_kannel_is_down_texts_are_retried_and_each_arrives_once(kannel, clinic):
    kannel.kill()
    say(clinic, *["9876543210"] * 3)
    tried = "\"to\" = '+919876543210' AND tries > 0"
    wait_for(lambda: len(states(clinic, tried)) == 3, "all to be tried")
    kannel.start()
    come_to(clinic, "\"to\" = '+919876543210'", ["delivered"] * 3)
    texts = [text.text for text in arrived(kannel, "9876543210")]
    assert len(texts) == len(set(texts)) == 3


@pytest.fixture
def two_ways(kannel, gateway, use) -> Callable[[], str]:
    """Kannel and another gateway after it; sends a text and returns the provider."""
    hosts = frozenset({urlsplit(kannel.url).netloc, urlsplit(gateway.url).netloc})
    outbound.install(hosts)
    gateway.otherwise = Step(200, b"OK")
    use(
        drivers=("kannel", "http"),
        kannel_url=kannel.url,
        kannel_username="opd",
        kannel_password="opdpw",
        http_url=gateway.url,
        http_fields=("text=$text",),
        http_accepted="OK",
    )
    return lambda message: services.send(message).driver


def test_dlt_ids_arrive_and_another_gateway_is_the_fallback_while_kannel_is_down(kannel, two_ways, now, clock):
    assert two_ways(make_message(now)) == "kannel"
    wait_for(lambda: HINDI in [text.text for text in kannel.centre.ledger], "the text")
    text = kannel.centre.ledger[-1]
    assert (text.entity, text.template) == (ENTITY, TEMPLATE)
    kannel.kill()
    assert [two_ways(make_message(now)) for _ in range(8)] == ["http"] * 8
    kannel.start()
    late = make_message(clock.tick(31))
    assert [two_ways(late) for _ in range(3)] == ["kannel"] * 3
    assert clock.now() - now < timedelta(minutes=1)
