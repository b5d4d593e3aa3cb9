"""Hand-over to e-Sanjeevani: exactly its public contract, consent first, each audited."""

import re

import pytest
from portal_plugins.esanjeevani_bridge import handovers, sanjeevani
from portal_plugins.esanjeevani_bridge.models import Credential, Handover
from portal_plugins.esanjeevani_bridge.sandbox import Fault
from portal_plugins.esanjeevani_bridge.sandbox.clients import wrong_patient

from portal.core.beneficiaries.models import Consent
from portal.work.audit import Actor, AuditRow
from tests.factories import make_beneficiary, make_centre, make_specialty, make_staff, make_visit

WISH = {"reason": "full", "place": "61", "postal_code": "110010", "consent": "yes"}


HOME = "/x/esanjeevani_bridge"


@pytest.fixture
def doctor(db, now):
    """A doctor with stored credentials at the sandbox."""
    doctor = make_staff("doctor")
    handovers.keep_login(doctor, "dr.sandbox", "sandbox-password", by=Actor("staff", doctor.uid), now=now)
    return doctor


def post(sign_in, staff, visit, **changes):
    address = f"{HOME}/visits/{visit.uid}/handover"
    browser = sign_in(staff)
    return browser, browser.submit(address, WISH | changes)


def test_the_password_is_hashed_twice_with_a_salt():
    """The vector was computed by the program sha512sum: of the text of both sums, "abc" and "123456"."""
    body = sanjeevani.login_body(sanjeevani.Login("dr", sanjeevani.sha512("abc")), "11001", "123456")
    vector = (
        "8f6baf8d76ed0cb92adda7044bef93810c2337213cc9360d04c807787bbb0100"
        "d5a7e4f66c5fe60b87e48b0f62f30739f927e8cfee3f433c6abe8c4852d4a9f4"
    )
    assert body == {"userName": "dr", "password": vector, "salt": "123456", "source": "11001"}


def test_one_button_hands_the_patient_over(bridge, places, sign_in, doctor, other_side):
    bridge()
    visit = make_visit()
    browser, answer = post(sign_in, doctor, visit)
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).text
    (reference,) = other_side.sanjeevani.references
    assert f'href="{other_side.url}/web/#/external-provider-signin/{reference}"' in page
    (patient,) = other_side.sanjeevani.patients
    assert wrong_patient(patient) == ""
    assert (patient["displayName"], patient["lstPatientAddress"][0]["cityCode"]) == ("Ramesh Kumar", 61)
    assert reference not in browser.get(answer.headers["Location"]).text  # shown once


def test_consent_and_hand_over_are_audited(bridge, places, sign_in, doctor):
    bridge()
    visit = make_visit()
    post(sign_in, doctor, visit)
    row, consent = Handover.get(), Consent.get(Consent.purpose == "esanjeevani")
    assert (row.state, row.answer, row.consent_uid) == ("launched", "1", consent.uid)
    assert consent.beneficiary == visit.beneficiary
    actions = {one.action for one in AuditRow.select().where(AuditRow.subject == visit.uid)}
    assert actions >= {"HandoverBegun", "HandoverLaunched"}


def test_a_pin_code_is_typed_in_digits_of_any_script_and_sent_in_ascii(bridge, places, sign_in, doctor, other_side):
    bridge()
    post(sign_in, doctor, make_visit(), postal_code="११००१०")
    (patient,) = other_side.sanjeevani.patients
    assert patient["lstPatientAddress"][0]["postalCode"] == "110010"


def test_a_patient_who_exists_there_is_no_failure(bridge, places, sign_in, doctor, other_side):
    """msgCode 78; 43 when the ABHA number is known."""
    bridge()
    person = make_beneficiary()
    for _ in range(2):
        post(sign_in, doctor, make_visit("completed", beneficiary=person))
    other = make_beneficiary(name="Other Name")
    for one in (person, other):
        type(one).update(abha_number="91123456789012").where(type(one).id == one.id).execute()
    other_side.sanjeevani.patients[0]["abhaNumber"] = "91123456789012"
    post(sign_in, doctor, make_visit("completed", beneficiary=other))
    assert [row.answer for row in Handover.select().order_by(Handover.id)] == ["1", "78", "43"]
    assert len(other_side.sanjeevani.patients) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consent": ""}, "Without the patient&#39;s consent"),
        ({"reason": "whim"}, "Choose why"),
        ({"place": "999"}, "no sub-district with this code"),
        ({"postal_code": "11"}, "six digits"),
    ],
)
def test_missing_input_is_named_and_nothing_is_sent(bridge, places, sign_in, doctor, other_side, changes, words):
    bridge()
    _, answer = post(sign_in, doctor, make_visit(), **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert other_side.calls == []
    assert Handover.select().count() == Consent.select().where(Consent.purpose == "esanjeevani").count() == 0


@pytest.mark.parametrize("status", [500, 200])
def test_a_failure_there_is_a_sentence_here(bridge, places, sign_in, doctor, other_side, status):
    bridge()
    other_side.faults.append(Fault("/uat", status, 1))
    browser, answer = post(sign_in, doctor, make_visit())
    assert answer.status_code == 503
    assert "e-Sanjeevani refused" in answer.text
    assert Handover.get().state == "failed"
    assert "as the script says" not in browser.get(f"{HOME}/handovers/{Handover.get().uid}").text


def test_a_wrong_password_there_is_a_sentence_here(bridge, places, sign_in, doctor, now):
    bridge()
    handovers.keep_login(doctor, "dr.sandbox", "wrong", by=Actor("staff", doctor.uid), now=now)
    _, answer = post(sign_in, doctor, make_visit())
    assert "wrong user name, password or source" in answer.text


def test_without_own_credentials_nothing_is_sent(bridge, places, sign_in, other_side):
    bridge()
    _, answer = post(sign_in, make_staff("doctor"), make_visit())
    assert answer.status_code == 409
    assert other_side.calls == []


def test_neither_password_nor_its_hash_is_in_the_database(doctor):
    row = Credential.get()
    assert "sandbox-password" not in row.secret
    assert sanjeevani.sha512("sandbox-password") not in row.secret
    assert handovers.login_of(doctor) == sanjeevani.Login("dr.sandbox", sanjeevani.sha512("sandbox-password"))


def test_only_staff_of_the_visit_have_permission_to_hand_over(bridge, places, sign_in, doctor):
    bridge()
    visit = make_visit()
    strangers = [
        make_staff("doctor", specialty=make_specialty("eye")),
        make_staff("desk", centre=make_centre("02")),
    ]
    for staff in strangers:
        assert sign_in(staff).get(f"{HOME}/visits/{visit.uid}/handover").status_code == 404
    assert sign_in(make_staff("desk")).get(f"{HOME}/visits/{visit.uid}/handover").status_code == 200
    assert visit.token in sign_in(make_staff("desk")).get(f"{HOME}/visits").text


def test_only_who_began_a_hand_over_can_request_a_new_link(bridge, places, sign_in, doctor, other_side):
    bridge()
    browser, _answer = post(sign_in, doctor, make_visit())
    row = Handover.get()
    page = f"{HOME}/handovers/{row.uid}"
    browser.get(page)
    browser.submit(f"{page}/open", page=page)
    assert f"external-provider-signin/{other_side.sanjeevani.references[1]}" in browser.get(page).text
    assert sign_in(make_staff("doctor")).get(page).status_code == 404


def test_the_report_counts_by_person_and_day(bridge, places, sign_in, doctor, other_side):
    bridge()
    post(sign_in, doctor, make_visit())
    other_side.faults.append(Fault("/uat", 500, 1))
    post(sign_in, doctor, make_visit())
    admin = sign_in(make_staff("admin"))
    text = re.sub(r"<[^>]+>|\s+", " ", admin.get(f"{HOME}/report?since=2026-11-23&until=2026-11-23").text)
    assert re.search(r"Dr Asha Verma\s+2\s+1\s+1", re.sub(" +", " ", text))
    assert "Asha" not in admin.get(f"{HOME}/report?since=2026-11-24&until=2026-11-30").text
