"""Somebody else's objects look as if they were not there: every route, every id of the database, byte for byte (S02).

Nothing here is listed by hand: routes come from the map of addresses, ids from every table.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.records import files
from portal.core.records.models import Record
from portal.core.visits.models import Visit
from tests.core.records.papers import jpeg
from tests.factories import (
    make_beneficiary,
    make_centre,
    make_duty,
    make_record,
    make_session,
    make_specialty,
    make_staff,
)
from tests.statements import statements as statements
from tests.sweeps.everything import addresses, fill, tables
from tests.test_access import TABLE
from tests.web.forms.test_kept_forms import world as world

NOWHERE = "A" * 22
EACH = re.compile(r"X-Request-Id|Set-Cookie|Date|Content-Length")
VARIES = re.compile(
    r'(csrf-token" content="|name="csrf_token" value="|name="idempotency_key" value=")[^"]*|nonce-[\w-]+'
)
# The list of whom to phone is every desk's, and so is what is announced.
OF_ALL = {"/desk/<uid>", "/desk/<uid>/done", "/announcements/<uid>/withdraw"} | {
    "/messages/channels/<plugin>/<channel>/off"  # one's own, and also of a plugin that is gone
}
# Notes and prescription of the author; what became of the token and how long it took; handing over to another service.
OWN_AFTERWARDS = {f"/visits/<uid>/{page}" for page in ("consult", "prescription", "steps", "pace")} | {
    "/x/esanjeevani_bridge/visits/<uid>/handover"
}
FEWEST = {"beneficiary": 60, "doctor": 60, "medical_officer": 15, "pharmacist": 1, "desk": 15}  # ids that are tried


@pytest.fixture
def full(world):
    """A family, its doctor, its centre, and a row in every table: an id of each and of each state."""
    person = world["people"]["beneficiary"]
    mine = Visit.get(Visit.uid == world["names"]["mine"])
    fill({Beneficiary: person, Visit: mine, Account: person.account})
    return {
        table._meta.table_name: list({getattr(row, "state", ""): row.uid for row in table.select()}.values())
        for table in tables()
        if "uid" in table._meta.fields
    }


@pytest.fixture
def strangers(full):
    """Per role somebody who has nothing to do with any of it."""
    elsewhere = make_centre("02")
    eye = make_staff(specialty=make_specialty("eye"))
    make_duty(eye, make_session(specialty=eye.specialty))
    return {
        "beneficiary": make_beneficiary(centre=elsewhere),
        "doctor": eye,
        **{role: make_staff(role, centre=elsewhere) for role in ("medical_officer", "pharmacist", "desk")},
    }


def said(answer: TestResponse, uid: str) -> tuple[Any, ...]:
    """An answer without what differs from request to request."""
    headers = sorted((name, VARIES.sub("", value)) for name, value in answer.headers if not EACH.match(name))
    return answer.status_code, str(headers).replace(uid, ""), VARIES.sub("", answer.text).replace(uid, "")


def ask(browser: Any, method: str, address: str, token: str) -> TestResponse:
    """Ask, with an empty form where one is sent."""
    return browser.open(address, method=method, data={"csrf_token": token} if method == "POST" else None, buffered=True)


def ids(sent: list[str], full: dict[str, list[str]]) -> list[str]:
    """The ids of each table that was asked for an id that is nowhere."""
    by_id = (sql for sql in sent if '"uid" =' in sql)
    asked = {name for sql in by_id for name in re.findall(r'(?:FROM|JOIN|UPDATE) "(\w+)"', sql)}
    return [uid for name in sorted(asked & set(full)) for uid in full[name]]


def of_something(role: str) -> Iterator[tuple[str, str]]:
    """Method and rule of each route of a role that names an object."""
    for route, roles in TABLE.items():
        method, rule = route.split(" ", 1)
        if role in roles and "<" in rule and rule not in OF_ALL:
            yield method, rule


@pytest.mark.parametrize("role", FEWEST)
def test_what_is_somebody_elses_looks_as_if_it_were_not_there(full, strangers, sign_in, statements, role: str) -> None:
    browser, told, tried = sign_in(strangers[role]), [], 0
    token = browser.hidden_fields("/help")["csrf_token"]
    for method, rule in of_something(role):
        statements.clear()
        nothing = said(ask(browser, method, addresses(rule, NOWHERE), token), NOWHERE)
        for uid in ids(statements, full):
            tried += 1
            address = addresses(rule, uid)
            answers = [said(ask(browser, method, address, token), uid)]
            if method == "GET":  # a part of it, or whether it is there
                answers.append((browser.head(address, headers={"Range": "bytes=0-9"}).status_code, *nothing[1:]))
            if set(answers) != {nothing}:
                told.append((method, rule, uid, nothing[0], [answer[0] for answer in answers]))
    assert told == []
    assert tried >= FEWEST[role]


def test_a_doctor_reads_nothing_but_the_own_notes_after_the_end(world, sign_in, now) -> None:
    """S05: whatever a doctor could open during the visit is closed with it."""
    visit = Visit.get(Visit.uid == world["names"]["mine"])
    stored = files.store(BytesIO(jpeg()))
    record = make_record(visit.beneficiary)
    Record.update(visit=visit, stored_name=stored.name, sha256=stored.sha256).execute()
    browser = sign_in(visit.doctor)

    def opened() -> set[str]:
        return {
            rule
            for method, rule in of_something("doctor")
            for uid in (visit.uid, record.uid, visit.beneficiary.uid)
            if method == "GET" and browser.get(addresses(rule, uid), buffered=True).status_code == 200
        }

    before = opened()
    assert {"/visits/<uid>/consult", "/visits/<uid>/records", "/records/<uid>"} <= before
    Visit.update(state="completed", live_key=None, lease_until=None).where(Visit.id == visit.id).execute()
    assert opened() <= OWN_AFTERWARDS
