"""Deletion that was asked for: processing stops, nobody signs in, contact is masked, the record stays until its day."""

from datetime import timedelta

import pytest

from portal.base.errors import Conflict
from portal.core.accounts.models import Account, SignIn
from portal.core.beneficiaries import services
from portal.core.beneficiaries.consents import REGISTRATION, set_consent
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.core.records.models import Record
from portal.core.referrals.models import ReferralRequest
from portal.core.rights import cases, closing, copies, nominees
from portal.core.rights.clearing.models import DoomedFile
from portal.core.rights.models import Case, Closing, DataCopy, Nominee
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_hold, make_request, make_staff, make_visit

WORDS = {"text": "Please delete all that you have of me."}
DONE = {"outcome": "done", "text": "Your account is closed; the record stays until its day."}


@pytest.fixture
def person(db, now, queue):
    issued = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    set_consent(issued.beneficiary, REGISTRATION, True, by=SYSTEM, language="en", now=now)
    queue.drain()
    return Beneficiary.get_by_id(issued.beneficiary_id)


@pytest.fixture
def grant(now, queue):
    """grant(person): ask for deletion, and answer that it is done."""

    def granted(person, **answer) -> Case:
        case = cases.open_case(person.account, "erasure", person, WORDS, by=SYSTEM, now=now)
        cases.answer_case(case, make_staff("admin"), DONE | answer, by=SYSTEM, now=now)
        queue.drain()
        return Case.get_by_id(case.id)

    return granted


def test_nobody_signs_in_any_more_and_contact_is_masked(person, grant, sign_in):
    browser, mobile = sign_in(person), person.account.mobile
    case = grant(person)
    assert browser.get("/home").status_code == 303
    assert not SignIn.select().where(SignIn.account == person.account, SignIn.ended_at.is_null()).exists()
    account = Account.get_by_id(person.account_id)
    assert (account.mobile[:7], account.disabled_at is not None) == ("closed-", True)
    again = Beneficiary.get_by_id(person.id)
    assert (again.address, again.abha_number, again.abha_address) == ("", None, None)
    assert not Account.select().where(Account.mobile == mobile).exists()
    assert Consent.select().where(Consent.withdrawn_at.is_null()).count() == 0
    (row,) = AuditRow.select().where(AuditRow.action == "AccountClosed")
    assert (row.subject, case.uid in row.details) == (person.uid, True)


def test_the_medical_record_stays_until_its_day_which_a_text_says(person, grant):
    mobile = person.account.mobile
    case = grant(person)
    assert Prescription.select().exists()
    assert Visit.get().complaint
    (told,) = Message.select().where(Message.template == "account_closed")
    assert (told.to, told.values) == (mobile, {"number": case.number, "day": "23-11-2029"})
    assert not Message.select().where(Message.template == "case_answered").exists()


def test_others_of_the_family_keep_the_account(person, grant, sign_in):
    other = make_beneficiary(account=person.account, mobile=person.account.mobile)
    browser, mobile = sign_in(other), person.account.mobile
    grant(person)
    page = browser.get("/home").get_data(as_text=True)
    assert browser.get("/home").status_code == 200
    assert person.patient_id not in page
    assert [one.id for one in services.people_of(Account.get(Account.mobile == mobile))] == [other.id]
    assert Beneficiary.get_by_id(person.id).account.disabled_at is not None
    assert Closing.get().mobile == ""


def test_what_is_under_way_stops(person, grant, now, queue):
    make_request(person)
    nominees.name_nominee(person, {"name": "Sita", "relation": "wife", "mobile": "9812345678"}, by=SYSTEM, now=now)
    copies.ask_copy(person, with_private=False, language="en", by=SYSTEM, now=now)
    queue.drain()
    grant(person)
    assert ReferralRequest.get().state == "withdrawn"
    assert not Nominee.select().exists()
    assert not DataCopy.select().exists()
    assert DoomedFile.get().folder == "copies"
    assert not Record.select().exists()


def test_a_legal_hold_an_open_token_and_a_closed_account_are_conflicts(person, grant, now):
    hold = make_hold(person)
    with pytest.raises(Conflict, match="legal hold"):
        grant(person)
    assert Case.get().state != "answered"
    hold.released_at = now
    hold.save()
    visit = make_visit(beneficiary=person)
    with pytest.raises(Conflict, match="token"):
        grant(person)
    Visit.update(state="cancelled", live_key=None).where(Visit.id == visit.id).execute()
    grant(person)
    with pytest.raises(Conflict, match="closed already"):
        grant(Beneficiary.get_by_id(person.id))


def test_a_refusal_closes_nothing(person, grant):
    case = grant(person, outcome="refused", text="An inquiry needs it; please ask again in spring.")
    assert case.outcome == "refused"
    assert Account.get_by_id(person.account_id).disabled_at is None
    assert Message.select().where(Message.template == "case_answered").exists()


def test_the_mobile_in_old_texts_is_masked_when_the_last_is_over(person, grant, now):
    mobile = person.account.mobile
    grant(person)
    closing.sweep_closings(now + timedelta(days=4))
    assert Message.select().where(Message.to == mobile).exists()
    closing.sweep_closings(now + timedelta(days=6))
    assert not Message.select().where(Message.to == mobile).exists()
    assert Closing.get().mobile == ""


def test_who_comes_back_registers_again_with_the_same_patient_id(person, grant, now):
    entry, number = person.entry, person.patient_id
    grant(person)
    account = Account.create(mobile=entry.mobile, language="en", created_at=now)
    born = entry.date_of_birth
    form = services.Application(
        entry.ben_id, (str(born.day), str(born.month), str(born.year)), "7 Ashok Road", "en", "yes"
    )
    again = services.register(account, form, by=SYSTEM, now=now)
    assert (again.id, again.patient_id, again.account_id) == (person.id, number, account.id)
    assert Beneficiary.get_by_id(person.id).address == "7 Ashok Road"
    assert Consent.select().where(Consent.withdrawn_at.is_null()).count() == 1
