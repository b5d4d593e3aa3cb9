"""Privacy in the family: what the shared account reads of a past visit to a private specialty (issue 14.5).

Every page and file of the family is opened, and every text read, for the words that tell what the visit was about.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core.accounts import credentials
from portal.core.accounts.models import SignIn
from portal.core.messages.models import Message
from portal.core.messages.texts import text_of
from portal.core.prescriptions.models import Prescription
from portal.core.privacy import codes, doors, offers
from portal.core.privacy.models import Pin
from portal.core.records import files
from portal.core.records.models import Record
from portal.core.referrals.events import ReferralIssued
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.web.access import roles_of
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record
from tests.consulting import make_prescription
from tests.core.records.papers import jpeg
from tests.factories import (
    make_beneficiary,
    make_referral,
    make_request,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)
from tests.fakes import turn_on

WORDS = (
    *("Psychiatry", "मनोरोग", "PSY-", "Meera", "मीरा", "Escitalopram", "Propranolol", "Panic", "F41", "Breathe"),
    "discharge-summary",
)
NOTES = {
    "complaints": "Panic at night",
    "diagnosis": "Panic disorder",
    "icd10": "F41.0",
    "advice": "Breathe slowly",
    "items-0-drug": "Escitalopram",
    "items-1-drug": "Propranolol",
}
FILE = {"kind": "jpeg", "state": "ready"}
LANGUAGES = ("en", "hi")
MEMBERS = {"beneficiary", "anyone"}


@pytest.fixture
def visit(sign_in, queue, now) -> Visit:
    """A visit to psychiatry with a record, an issued prescription and its texts, that has just ended."""
    for name in registry().installed:
        turn_on(name)
    specialty = make_specialty("psychiatry", name="Psychiatry", name_hi="मनोरोग")
    doctor = make_staff("doctor", name="Dr Meera Nair", name_hi="डॉ. मीरा नायर", specialty=specialty)
    person = make_beneficiary()
    referral = make_referral(person.entry, specialty=specialty, reason="Panic at night")
    record(ReferralIssued(specialty="psychiatry", urgent=False), referral.uid, by=SYSTEM, now=now)
    session = make_session(specialty=specialty)
    asked = make_request(person, specialty=specialty, complaint="Panic at night", state="referred")
    ReferralRequest.update(referral=referral).where(ReferralRequest.id == asked.id).execute()
    made = make_visit(session=session, beneficiary=person, referral=referral, complaint="Panic at night")
    family, address = sign_in(made.beneficiary), f"/visits/{made.uid}/records"
    file = (BytesIO(jpeg()), "discharge-summary.jpg")
    family.post(address, data=family.hidden_fields(address) | {"records": file})
    stored = files.store(BytesIO(jpeg()))
    kept = {"stored_name": stored.name, "size": stored.size, "sha256": stored.sha256, **FILE}
    Record.create(beneficiary=person, request=asked, title="discharge-summary", **kept, uploaded_at=now)
    Visit.update(state="in_call", doctor=doctor).where(Visit.id == made.id).execute()
    make_prescription(now, Visit.get_by_id(made.id), **NOTES)
    queue.drain()
    return Visit.get_by_id(made.id)


@pytest.fixture
def over(visit, sign_in, queue) -> Visit:
    """The same visit, completed by the doctor; another doctor and a pharmacist have opened something of it."""
    doctor = sign_in(visit.doctor)
    assert doctor.get(f"/visits/{visit.uid}/consult").status_code == 200
    complete(doctor, visit)
    sign_in(make_staff("pharmacist")).get(f"/dispense?code={Prescription.get().code}")
    queue.drain()
    return Visit.get_by_id(visit.id)


def complete(doctor: FlaskClient, visit: Visit) -> None:
    answer = doctor.submit(f"/visits/{visit.uid}/complete", page=f"/visits/{visit.uid}/consult")
    assert answer.status_code == 303


def addresses(app: Flask, visit: Visit) -> Iterator[str]:
    """Every GET address that a member of the family may open, with each id there is to know."""
    issued = Prescription.get()
    ids = [
        Referral.get().uid,
        issued.code,
        visit.uid,
        visit.beneficiary.uid,
        issued.uid,
        issued.number,
        *(row.uid for row in Record),
    ]
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or not MEMBERS & roles_of(app, rule.endpoint) or rule.endpoint == "static":
            continue
        names = re.findall(r"<[^>]+>", rule.rule)
        for one in ids if names else [""]:
            yield filled(rule.rule, one)
    yield f"/visits/{visit.uid}/prescription.pdf?version=1"


def filled(rule: str, uid: str) -> str:
    return re.sub(r"<[^>]+>", uid, re.sub(r"<kind>", "visit", rule))


def told(browser: FlaskClient, address: str, **headers: str) -> set[str]:
    """The words that tell, as this browser reads them at an address, in both languages."""
    found = set()
    for language in LANGUAGES:
        browser.set_cookie("language", language)
        answer = browser.get(address, headers=headers)
        assert answer.status_code != 500, address
        found |= {word for word in WORDS if word in text_read(answer)}
    return found


def text_read(answer: TestResponse) -> str:
    """The answer as text; a file as what would tell: that it is one."""
    if answer.mimetype in ("application/pdf", "image/jpeg", "image/png"):
        return " ".join(WORDS)
    return answer.headers.get("Content-Disposition", "") + answer.headers.get("Location", "") + answer.text


@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}, {"HX-Request": "true"}])
def test_no_page_and_no_file_of_the_account_tells_what_the_visit_was_about(app, over, sign_in, headers) -> None:
    family, others = sign_in(over.beneficiary), sign_in(make_beneficiary())
    telling = {address: told(family, address, **headers) for address in addresses(app, over)}
    # What another family reads too is the clinic's own: the list of doctors, the tokens on offer.
    telling = {address: words - told(others, address, **headers) for address, words in telling.items() if words}
    telling = {address: words for address, words in telling.items() if words}
    assert telling == {}


def test_with_a_pin_and_the_question_still_open_no_page_tells_more(app, over, sign_in, now) -> None:
    family = sign_in(over.beneficiary)
    row = SignIn.select().where(SignIn.account == over.beneficiary.account).order_by(SignIn.id.desc()).get()
    offers.offer(over.beneficiary, row, now=now)
    Pin.create(beneficiary=over.beneficiary, pin_hash=credentials.hash_password("736152"), set_at=now)
    others = sign_in(make_beneficiary())
    telling = {address: told(family, address) for address in addresses(app, over)}
    telling = {address: words - told(others, address) for address, words in telling.items() if words}
    assert not [address for address, words in telling.items() if words]
    assert "afterwards?" not in family.get(f"/visits/{over.uid}").text


def test_the_walk_finds_the_words_once_a_code_has_opened_the_visit(app, over, sign_in, now) -> None:
    family = sign_in(over.beneficiary)
    opened_with_code(family, over, now)
    telling = {address for address in addresses(app, over) if told(family, address)}
    papers = {f"/records/{record.uid}" for record in Record}
    pages = {f"/visits/{over.uid}", f"/visits/{over.uid}/records", f"/visits/{over.uid}/prescription.pdf", "/home"}
    assert len(papers) == 2
    assert telling >= pages | papers


def test_no_text_tells_what_the_visit_was_about(over) -> None:
    texts = {row.template: text_of(row) for row in Message.select() if row.to == over.beneficiary.account.mobile}
    assert {"prescription", "referral"} <= set(texts)
    assert not [(name, word) for name, text in texts.items() for word in WORDS if word in text]


def test_a_page_left_open_at_the_end_is_told_no_more_than_that_it_is_over(visit, sign_in) -> None:
    family = sign_in(visit.beneficiary)
    page = family.get(f"/visits/{visit.uid}").text
    (poll,) = re.findall(r'hx-get="(/live/[^"]+)"', page)
    assert {"Psychiatry", "Meera"} <= {word for word in WORDS if word in page}, "what is under way is plain"
    complete(sign_in(visit.doctor), visit)
    answer = family.get(poll).text
    assert "This visit is private" in answer
    assert f'data-onward="/visits/{visit.uid}"' in answer, "the page asks for itself anew, without the old heading"
    assert told(family, poll) == set()
    assert told(family, poll, Accept="application/json") == set()


def test_while_it_lasts_token_call_and_prescription_are_plain(visit, sign_in) -> None:
    family = sign_in(visit.beneficiary)
    home, page = family.get("/home").text, family.get(f"/visits/{visit.uid}").text
    assert visit.token in home
    assert visit.token in page
    assert family.get(f"/visits/{visit.uid}/prescription.pdf").mimetype == "application/pdf"
    assert family.get(f"/visits/{visit.uid}", headers={"Accept": "application/json"}).json["prescription"]


def test_a_carried_token_leads_on_from_the_closed_visit(sign_in) -> None:
    specialty = make_specialty("psychiatry")
    live = make_visit(session=make_session(specialty=specialty))
    past = make_visit("carried", session=live.session, beneficiary=live.beneficiary, moved_to=live)
    page = sign_in(live.beneficiary).get(f"/visits/{past.uid}").text
    assert f"/visits/{live.uid}" in page
    assert past.token not in page


def test_a_code_opens_this_persons_visits_in_this_sign_in_for_half_an_hour(over, sign_in, clock, now) -> None:
    family, elsewhere = sign_in(over.beneficiary), sign_in(over.beneficiary)
    opened_with_code(family, over, now)
    assert {"Psychiatry", "Meera"} <= told(family, f"/visits/{over.uid}")
    assert told(elsewhere, f"/visits/{over.uid}") == set()
    clock.tick(doors.OPEN_FOR.total_seconds())
    assert told(family, f"/visits/{over.uid}") == set()


def test_a_code_opens_nothing_of_a_relative(over, sign_in, now) -> None:
    relative = make_beneficiary(account=over.beneficiary.account)
    past = make_visit("completed", session=over.session, beneficiary=relative, doctor=over.doctor)
    family = sign_in(relative)
    opened_with_code(family, over, now)
    assert told(family, f"/visits/{past.uid}") == set()


def test_without_a_code_a_download_leads_to_the_page_that_asks_for_it(over, sign_in) -> None:
    family = sign_in(over.beneficiary)
    for address in (f"/visits/{over.uid}/prescription.pdf", f"/records/{Record.get().uid}"):
        answer = family.get(address)
        assert (answer.status_code, answer.location) == (303, f"/visits/{over.uid}")
    assert f"/visits/{over.uid}/open" in family.get(f"/visits/{over.uid}").text


def test_the_officer_of_the_centre_reads_the_medicines_and_not_the_notes(over, sign_in) -> None:
    officer = sign_in(make_staff("medical_officer"))
    answer = officer.get(f"/visits/{over.uid}/prescription.pdf")
    assert answer.mimetype == "text/html"
    assert {"Escitalopram", "Propranolol"} <= {word for word in WORDS if word in answer.text}
    assert not [word for word in ("Panic", "Breathe", "F41", "Meera", "Psychiatry") if word in answer.text]


def opened_with_code(family: FlaskClient, visit: Visit, now: datetime) -> None:
    given = codes.give(visit.beneficiary, visit.doctor, by=Actor("staff", visit.doctor.uid), now=now)
    answer = family.submit(f"/visits/{visit.uid}/open", {"code": given.code})
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit.uid}")
