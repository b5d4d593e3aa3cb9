"""Requests for a referral: one for each specialist, asked of the own centre, answered once."""

from datetime import date

import pytest

from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.referrals.requests import MOST_A_DAY, ask, decline, withdraw
from portal.core.referrals.services import EXTEND, REPLACE, Choice, StillValid, refer
from portal.work.audit import Actor, AuditRow
from tests.at_once import at_once, done
from tests.factories import make_beneficiary, make_centre, make_referral, make_request, make_specialty, make_staff

FAMILY, OFFICER = Actor("account", "family"), Actor("staff", "mo")


@pytest.fixture
def person(db):
    return make_beneficiary(name="Ramesh Kumar")


@pytest.fixture
def officer(person):
    return make_staff("medical_officer", centre=person.entry.centre)


@pytest.fixture
def wish(person, officer, now):
    def wish(code: str = "medicine") -> ReferralRequest:
        return ask(person, make_specialty(code), "Headache for three days", by=FAMILY, now=now)

    return wish


@pytest.fixture
def answer(person, officer, now):
    def answer(code: str = "medicine", **more) -> Referral:
        given = {"urgent": False, "by": OFFICER, "now": now} | more
        make_specialty(code)
        return refer(officer, person.entry.ben_id, code, "Headache", **given)

    return answer


def state_of(request: ReferralRequest) -> str:
    return ReferralRequest.get_by_id(request.id).state


def noted(action: str) -> int:
    return AuditRow.select().where(AuditRow.action == action).count()


def test_a_request_waits_at_the_centre_of_the_person(wish, person):
    request = wish()
    assert (request.state, request.beneficiary, noted("ReferralRequested")) == ("open", person, 1)


def test_a_second_request_for_the_same_specialist_is_refused_and_for_another_taken(wish):
    wish()
    with pytest.raises(Conflict, match="asked for this referral already"):
        wish()
    assert wish("eye").state == "open"


def test_with_a_valid_referral_or_from_the_exempt_age_none_is_asked_for(wish, person, now):
    referral = make_referral(person.entry)
    with pytest.raises(Conflict, match=referral.number):
        wish()
    person.entry.date_of_birth = date(1950, 1, 1)
    person.entry.save()
    with pytest.raises(Conflict, match="From the age of 70"):
        wish("eye")


@pytest.mark.parametrize("how", ["none", "disabled", "of another centre"])
def test_a_centre_without_an_officer_takes_no_requests(person, now, how):
    if how == "disabled":
        make_staff("medical_officer", centre=person.entry.centre, disabled_at=now)
    if how == "of another centre":
        make_staff("medical_officer", centre=make_centre("02"))
    with pytest.raises(Conflict, match="takes no requests here"):
        ask(person, make_specialty(), "Headache", by=FAMILY, now=now)


def test_as_many_requests_wait_as_a_person_may_have_referrals(wish):
    for code in ("medicine", "eye", "ent"):
        wish(code)
    with pytest.raises(Conflict, match="3 requests of this person wait"):
        wish("orthopaedics")


def test_asking_again_and_again_has_a_limit_a_day(wish, person, now):
    for _ in range(MOST_A_DAY):
        withdraw(person.account, wish().uid, by=FAMILY, now=now)
    with pytest.raises(TooMany):
        wish()


def test_a_referral_answers_the_request(wish, answer, officer, now):
    request = wish()
    referral = answer(request=request.uid)
    row = ReferralRequest.get_by_id(request.id)
    assert (row.state, row.referral, row.officer, row.answered_at) == ("referred", referral, officer, now)
    assert noted("ReferralRequestAnswered") == 1
    with pytest.raises(Conflict, match="answered or withdrawn already"):
        decline(officer, request.uid, "Too late", by=OFFICER, now=now)


def test_the_officer_may_refer_to_another_specialist_than_was_asked_for(wish, answer):
    request = wish("eye")
    referral = answer("medicine", request=request.uid)
    assert ReferralRequest.get_by_id(request.id).referral == referral


def test_a_referral_written_at_the_centre_answers_what_waits_for_it(wish, answer):
    request, other = wish(), wish("eye")
    answer()
    assert (state_of(request), state_of(other)) == ("referred", "open")


@pytest.mark.parametrize("action", [EXTEND, REPLACE])
def test_extending_and_replacing_answer_the_request_too(person, officer, answer, action):
    valid = make_referral(person.entry, officer=officer)
    request = make_request(person, specialty=valid.specialty)
    with pytest.raises(StillValid):
        answer(request=request.uid)
    assert state_of(request) == "open", "nothing is saved before the choice"
    referral = answer(request=request.uid, choice=Choice(valid.uid, action))
    assert ReferralRequest.get_by_id(request.id).referral == referral


def test_an_answered_request_follows_the_referral_that_replaces_its_own(wish, answer):
    request = wish()
    first = answer(request=request.uid)
    second = answer(choice=Choice(first.uid, REPLACE))
    assert ReferralRequest.get_by_id(request.id).referral == second


def test_a_request_of_another_person_is_not_answered_by_mistake(wish, answer, person, officer, now):
    request = wish()
    other = make_beneficiary(name="Sunita Devi")
    with pytest.raises(Invalid, match="request of Ramesh Kumar"):
        refer(
            officer, other.entry.ben_id, "medicine", "Headache", urgent=False, by=OFFICER, now=now, request=request.uid
        )
    assert (state_of(request), Referral.select().count()) == ("open", 0)


def test_a_request_that_is_withdrawn_meanwhile_is_not_answered(wish, answer, person, now):
    request = wish()
    withdraw(person.account, request.uid, by=FAMILY, now=now)
    with pytest.raises(Conflict):
        answer(request=request.uid)
    assert (state_of(request), Referral.select().count()) == ("withdrawn", 0)


@pytest.mark.parametrize("text", ["", " ", "no", "x" * 501])
def test_a_refusal_needs_words_that_the_family_reads(wish, officer, now, text):
    request = wish()
    with pytest.raises(Invalid):
        decline(officer, request.uid, text, by=OFFICER, now=now)
    assert state_of(request) == "open"


def test_another_centre_and_another_family_find_no_request(wish, now):
    request = wish()
    with pytest.raises(NotFound):
        decline(make_staff("medical_officer", centre=make_centre("02")), request.uid, "Why", by=OFFICER, now=now)
    with pytest.raises(NotFound):
        withdraw(make_beneficiary().account, request.uid, by=FAMILY, now=now)


def test_concurrent_requests_for_the_same_specialist_make_one(app, person, officer, now):
    specialty = make_specialty()

    def attempt() -> ReferralRequest:
        return ask(person, specialty, "Headache for three days", by=FAMILY, now=now)

    assert len(done(at_once(app, [attempt] * 4))) == 1
    assert ReferralRequest.select().count() == 1
