"""Pages of cases: the family writes and reads, the administrator answers."""

from datetime import date

import pytest

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.rights.models import Case
from tests.factories import make_beneficiary, make_staff

WORDS = {"text": "The call was cut twice on Monday."}


@pytest.fixture
def person(db):
    return make_beneficiary()


def opened(browser, **more) -> Case:
    answer = browser.submit("/grievance", WORDS | more)
    assert answer.status_code == 303
    return Case.get(Case.uid == answer.location.rsplit("/", 1)[1])


def text_of(browser, address) -> str:
    return browser.get(address).get_data(as_text=True)


def test_a_grievance_leads_to_a_page_with_its_number_and_last_day(person, sign_in):
    browser = sign_in(person)
    case = opened(browser, beneficiary=person.uid)
    page = text_of(browser, f"/my/cases/{case.uid}")
    assert all(words in page for words in (case.number, "Received", "23 Dec 2026", WORDS["text"], "Ramesh Kumar"))
    assert case.number in text_of(browser, "/my/cases")


def test_a_grievance_sent_twice_is_one_case(person, sign_in):
    browser = sign_in(person)
    form = browser.hidden_fields("/grievance") | WORDS
    assert len({browser.post("/grievance", data=form).location for _ in range(2)}) == 1
    assert Case.select().count() == 1


def test_what_was_typed_stays_where_it_is_refused(person, sign_in):
    answer = sign_in(person).submit("/grievance", {"text": "too short"})
    assert answer.status_code == 422
    assert "too short" in answer.get_data(as_text=True)
    assert not Case.select().exists()


def test_it_names_nobody_of_another_family(person, sign_in):
    assert sign_in(person).submit("/grievance", WORDS | {"beneficiary": make_beneficiary().uid}).status_code == 422


def test_the_public_reads_whom_to_contact_and_signs_in_to_write(client, db):
    page = text_of(client, "/grievance")
    assert "Nodal Officer" in page
    assert "/login?next=/grievance" in page
    assert "<textarea" not in page


def test_staff_have_no_form_for_grievances(sign_in):
    assert "<textarea" not in text_of(sign_in(make_staff("doctor")), "/grievance")


def test_another_family_does_not_find_the_case(person, sign_in):
    case, other = opened(sign_in(person)), sign_in(make_beneficiary())
    assert other.get(f"/my/cases/{case.uid}").status_code == 404
    assert other.submit(f"/my/cases/{case.uid}", WORDS, page="/grievance").status_code == 404


@pytest.mark.parametrize("kind", ["correction", "erasure"])
def test_correction_and_deletion_are_asked_for_a_person(person, sign_in, kind):
    answer = sign_in(person).submit("/my/cases/new", WORDS | {"kind": kind, "beneficiary": person.uid})
    assert answer.status_code == 303
    assert (Case.get().kind, Case.get().beneficiary) == (kind, person)


@pytest.mark.parametrize("missing", ["kind", "beneficiary", "text"])
def test_a_request_without_kind_person_or_words_is_none(person, sign_in, missing):
    form = WORDS | {"kind": "erasure", "beneficiary": person.uid}
    assert sign_in(person).submit("/my/cases/new", form | {missing: ""}).status_code == 422
    assert not Case.select().exists()


def test_the_form_shows_until_when_the_law_has_records_kept(person, sign_in):
    assert "at least until 23 Nov 2029" in text_of(sign_in(person), "/my/cases/new")
    RegisterEntry.update(date_of_birth=date(2020, 2, 29)).execute()
    assert "at least until 28 Feb 2041" in text_of(sign_in(person), "/my/cases/new")


def test_the_administrator_begins_and_answers_and_the_family_reads_it(person, sign_in, clock):
    family, admin = sign_in(person), sign_in(make_staff("admin", name="Ravi Menon"))
    case = opened(family, beneficiary=person.uid)
    assert case.number in text_of(admin, "/admin/cases")
    address = f"/admin/cases/{case.uid}"
    page = text_of(admin, address)
    assert all(words in page for words in (WORDS["text"], person.entry.ben_id, person.account.mobile))
    assert admin.submit(address, {"state": "working"}).status_code == 303
    assert "Being looked into" in text_of(family, f"/my/cases/{case.uid}")
    answer = {"outcome": "refused", "text": "We could not find the cause."}
    assert admin.submit(address, answer).status_code == 303
    page = text_of(family, f"/my/cases/{case.uid}")
    assert all(words in page for words in ("Answered", answer["text"], "Not possible", "Data Protection Board"))
    assert "Ravi Menon" not in page
    assert "Ravi Menon" in text_of(admin, address)
    assert case.number in text_of(admin, "/admin/cases?state=answered")


def test_an_answer_sent_twice_is_given_once(person, sign_in):
    case = opened(sign_in(person), beneficiary=person.uid)
    admin, address = sign_in(make_staff("admin")), f"/admin/cases/{case.uid}"
    form = admin.hidden_fields(address) | {"outcome": "done", "text": "We have looked into it and mended it."}
    first, again = admin.post(address, data=form), admin.post(address, data=form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert "Idempotent-Replayed" not in first.headers
    assert (again.location, again.headers["Idempotent-Replayed"]) == (first.location, "1")


def test_an_unfinished_answer_keeps_its_words(person, sign_in):
    case = opened(sign_in(person))
    answer = sign_in(make_staff("admin")).submit(f"/admin/cases/{case.uid}", {"text": "We have looked into it."})
    assert answer.status_code == 422
    assert "We have looked into it." in answer.get_data(as_text=True)


def test_a_second_answer_is_a_conflict_that_shows_the_first(person, sign_in):
    case, form = opened(sign_in(person)), {"outcome": "done", "text": "We have looked into it."}
    browsers = [sign_in(make_staff("admin")) for _ in range(2)]
    bodies = [browser.hidden_fields(f"/admin/cases/{case.uid}") | form | {"state": ""} for browser in browsers]
    answers = [
        browser.post(f"/admin/cases/{case.uid}", data=body) for browser, body in zip(browsers, bodies, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "We have looked into it." in answers[1].get_data(as_text=True)


def test_a_late_case_is_marked_also_on_the_overview(person, sign_in, clock):
    opened(sign_in(person))
    assert "Past their last day" not in text_of(sign_in(make_staff("admin")), "/admin")
    clock.tick(31 * 86400)
    admin = sign_in(make_staff("admin"))
    for address in ("/admin/cases", "/admin"):
        assert "Past their last day without an answer: 1" in text_of(admin, address)


def test_the_family_adds_words_until_it_is_answered(person, sign_in):
    family = sign_in(person)
    case = opened(family)
    assert family.submit(f"/my/cases/{case.uid}", {"text": "It happened again today."}).status_code == 303
    assert "It happened again today." in text_of(family, f"/my/cases/{case.uid}")
    hidden = family.hidden_fields(f"/my/cases/{case.uid}")
    sign_in(make_staff("admin")).submit(f"/admin/cases/{case.uid}", {"outcome": "done", "text": "It is repaired."})
    late = family.post(f"/my/cases/{case.uid}", data=hidden | {"text": "And once more today."})
    assert late.status_code == 409


def test_the_grievance_officer_answers_and_sees_nothing_else(person, sign_in):
    case = opened(sign_in(person))
    officer = sign_in(make_staff("rights_officer"))
    assert case.number in text_of(officer, "/admin/cases")
    assert "/admin/retention" not in text_of(officer, "/admin/cases")
    answer = {"outcome": "done", "text": "We have written to the network's provider."}
    assert officer.submit(f"/admin/cases/{case.uid}", answer).status_code == 303
    assert {officer.get(address).status_code for address in ("/admin", "/admin/retention", "/admin/holds")} == {403}
