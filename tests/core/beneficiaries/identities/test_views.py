"""A number elsewhere is confirmed after registration, by a service that runs as a process of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from portal.base import outbound
from portal.contracts import IdentityAnswer, IdentityStep
from portal.core.beneficiaries.identities.models import PersonIdentity
from portal.core.beneficiaries.models import Beneficiary
from portal.plugin_host.calling import limits
from tests.factories import make_account, make_beneficiary, make_entry
from tests.fakes import install_plugin
from tests.noted import actor_of, noted

FORM = {"ben_id": "1000001", "date_of_birth": "1985-05-05", "address": "12 Lodhi Road", "language": "en"}
STEP = IdentityStep("ABHA number", "https://healthid.abdm.gov.in", "14 digits, as on the ABHA card.")
NUMBER = "91123456789012"


@dataclass
class Running:
    url: str
    ledger: Path

    def claims(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.ledger.read_text().splitlines()] if self.ledger.exists() else []


@pytest.fixture
def service(tmp_path) -> Iterator[Running]:
    ledger = tmp_path / "ledger"
    words = [sys.executable, str(Path(__file__).with_name("service.py")), str(ledger)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Running(process.stdout.readline().strip(), ledger)
        finally:
            process.terminate()


@pytest.fixture
def plugin(app, db, service):
    """A plugin that asks the service, as its author would write it."""
    outbound.install(frozenset({service.url.removeprefix("http://")}))

    def ask(claim, now):
        told = {name: getattr(claim, name) for name in ("number", "code", "reference")}
        body = json.dumps(told | {"birth_date": claim.birth_date.isoformat()}).encode()
        found = outbound.call("POST", service.url, seconds=10, content=body)
        return IdentityAnswer(**json.loads(found.body))

    install_plugin(app, "abha", identity_step=lambda: STEP, identify_beneficiary=ask)
    yield service
    outbound.install(frozenset())


@pytest.fixture
def browser(sign_in, db):
    entry = make_entry(ben_id="1000001", date_of_birth=date(1985, 5, 5), mobile="+919000000001")
    return sign_in(make_account(entry.mobile))


def ticket_in(text: str) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', text)[1]


def step_of(browser) -> str:
    """Register, and return where that leads."""
    answer = browser.submit("/register", FORM | {"consent": "yes"})
    assert answer.status_code == 303
    return answer.location


def test_registration_leads_to_the_step_and_a_code_confirms_the_number(plugin, browser):
    page = step_of(browser)
    person = Beneficiary.get()
    assert page == f"/people/{person.uid}/identity/abha"
    asked = browser.submit(page, {"number": f" {NUMBER} "})
    assert "A code was sent" in asked.text
    done = lambda: browser.submit(page, {"ticket": ticket_in(asked.text), "code": "424242"})  # noqa: E731
    assert noted(done) == [("IdentityVerified", actor_of(person.account), person.uid)]
    (kept,) = PersonIdentity.select()
    assert (kept.number, kept.system, kept.verified_by) == (NUMBER, STEP.system, "Identity service")
    shown = browser.get(f"/people/{person.uid}").text
    assert NUMBER in shown
    assert "Confirmed by Identity service on" in shown
    assert [claim["code"] for claim in plugin.claims()] == ["", "424242"]


def test_what_is_not_the_persons_is_refused_with_the_services_reason_and_changes_nothing(plugin, browser):
    page = step_of(browser)
    person = Beneficiary.get()
    refused = lambda: browser.submit(page, {"number": "91000000000000"})  # noqa: E731
    assert noted(refused) == [("IdentityRefused", actor_of(person.account), person.uid)]
    assert "another date of birth" in refused().text
    asked = browser.submit(page, {"number": NUMBER})
    wrong = browser.submit(page, {"ticket": ticket_in(asked.text), "code": "111111"})
    assert wrong.status_code == 422
    assert "The code is wrong." in wrong.text
    assert PersonIdentity.select().count() == 0


@pytest.mark.parametrize("typed", ["", "1", "9" * 65])
def test_a_number_that_is_none_is_not_sent(plugin, browser, typed):
    page = step_of(browser)
    assert browser.submit(page, {"number": typed}).status_code == 422
    assert plugin.claims() == []


def test_a_ticket_of_another_person_is_refused(plugin, browser, sign_in):
    asked = browser.submit(step_of(browser), {"number": NUMBER})
    other = make_beneficiary()
    page = f"/people/{other.uid}/identity/abha"
    answer = sign_in(other).submit(page, {"ticket": ticket_in(asked.text), "code": "424242"})
    assert answer.status_code == 422
    assert len(plugin.claims()) == 1


def test_a_service_that_hangs_costs_nothing_but_the_step(plugin, browser, monkeypatch):
    page = step_of(browser)
    monkeypatch.setitem(limits.LIMITS, "identify_beneficiary", 0.3)
    answer = browser.submit(page, {"number": "91123456789099"})
    assert answer.status_code == 422
    assert "you can do it later" in answer.text
    assert Beneficiary.select().count() == 1


def test_who_typed_a_wrong_number_can_go_back_from_the_code(plugin, browser):
    page = step_of(browser)
    asked = browser.submit(page, {"number": NUMBER})
    assert f'<a href="{page}">Use another number</a>' in asked.text
    assert 'name="number"' in browser.get(page).text


def test_a_number_is_one_persons_only(plugin, browser, sign_in, now):
    other = make_beneficiary()
    row = {"plugin": "abha", "name": STEP.name, "system": STEP.system, "verified_by": "x", "verified_at": now}
    PersonIdentity.create(beneficiary=other, number=NUMBER, **row)
    page = step_of(browser)
    asked = browser.submit(page, {"number": NUMBER})
    answer = browser.submit(page, {"ticket": ticket_in(asked.text), "code": "424242"})
    assert answer.status_code == 422
    assert "another person here" in answer.text
    assert [row.beneficiary_id for row in PersonIdentity] == [other.id]


def test_tries_are_limited(plugin, browser):
    page = step_of(browser)
    answers = [browser.submit(page, {"number": "91000000000000"}).text for _try in range(12)]
    assert "Too many attempts today" in answers[-1]
    assert len(plugin.claims()) < 12


def test_a_number_is_removed_by_its_own_family_alone(plugin, browser, sign_in, now):
    person = make_beneficiary()
    row = {"plugin": "abha", "name": STEP.name, "system": STEP.system, "verified_by": "x", "verified_at": now}
    kept = PersonIdentity.create(beneficiary=person, number=NUMBER, **row)
    address = f"/people/{person.uid}/identities/{kept.uid}/remove"
    assert browser.submit(address, page="/home").status_code == 404
    own = sign_in(person)
    removed = noted(lambda: own.submit(address, page=f"/people/{person.uid}"))
    assert removed == [("IdentityRemoved", actor_of(person.account), person.uid)]
    assert PersonIdentity.select().count() == 0


def test_names_of_a_plugin_are_text_on_the_page(browser, sign_in, now):
    person = make_beneficiary()
    row = {"plugin": "abha", "system": STEP.system, "verified_by": "<b>x", "verified_at": now, "number": NUMBER}
    PersonIdentity.create(beneficiary=person, name="<i hx-on:load=alert()>", **row)
    page = sign_in(person).get(f"/people/{person.uid}").text
    assert "&lt;i hx-on:load=alert()&gt;" in page
    assert "<i hx-on" not in page


def test_without_such_a_plugin_registration_leads_home_and_the_step_is_not_there(browser, app):
    assert step_of(browser) == "/home"
    assert browser.get(f"/people/{Beneficiary.get().uid}/identity/abha").status_code == 404
