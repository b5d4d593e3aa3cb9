"""Grievances and requests: a number, a last day, a history, one answer; audited."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.core.messages.models import Message
from portal.core.rights import cases
from portal.core.rights.models import Case, CaseStep
from portal.settings import clinic
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_staff

WORDS = {"text": "The call was cut twice on Monday."}
ANSWER = {"outcome": "done", "text": "We have written to the network's provider."}


@pytest.fixture
def person(db):
    return make_beneficiary()


@pytest.fixture
def officer(db):
    return make_staff("admin", name="Ravi Menon")


@pytest.fixture
def case(person, now) -> Case:
    return cases.open_case(person.account, "grievance", None, WORDS, by=SYSTEM, now=now)


def test_numbers_follow_each_other_within_the_year(person, now):
    made = [cases.open_case(person.account, "grievance", None, WORDS, by=SYSTEM, now=now) for _ in range(2)]
    assert [one.number for one in made] == ["G-2026-000001", "G-2026-000002"]


def test_the_answer_is_due_after_thirty_days_or_those_of_the_setting(person, case, now):
    assert case.due_on == clinic_day(now) + timedelta(days=30)
    clinic.put("grievance_days", "15")
    later = cases.open_case(person.account, "grievance", None, WORDS, by=SYSTEM, now=now)
    assert later.due_on == clinic_day(now) + timedelta(days=15)


@pytest.mark.parametrize("text", ["", "short", " " * 30, "x" * 1001])
def test_too_little_or_too_much_is_not_taken(person, now, text):
    with pytest.raises(Invalid) as error:
        cases.open_case(person.account, "grievance", None, {"text": text}, by=SYSTEM, now=now)
    assert set(error.value.fields) == {"text"}
    assert not Case.select().exists()


def test_cases_of_a_day_have_a_limit(person, now):
    for _case in range(cases.A_DAY):
        cases.open_case(person.account, "grievance", None, WORDS, by=SYSTEM, now=now)
    with pytest.raises(TooMany):
        cases.open_case(person.account, "grievance", None, WORDS, by=SYSTEM, now=now)


def test_a_case_is_begun_and_answered_once_and_keeps_its_history(case, officer, now):
    cases.begin_work(case, officer, by=SYSTEM, now=now)
    cases.add_remark(case, {"text": "It happened again today."}, by=SYSTEM, now=now)
    cases.answer_case(case, officer, ANSWER, by=SYSTEM, now=now)
    found = Case.get_by_id(case.id)
    assert (found.state, found.outcome, found.answered_at) == ("answered", "done", now)
    steps = cases.steps_of(case)
    assert [step.kind for step in steps] == ["asked", "working", "added", "answered"]
    assert steps[-1].text == ANSWER["text"]
    for late in (
        lambda: cases.answer_case(case, officer, ANSWER, by=SYSTEM, now=now),
        lambda: cases.begin_work(case, officer, by=SYSTEM, now=now),
        lambda: cases.add_remark(case, {"text": "One more remark."}, by=SYSTEM, now=now),
    ):
        with pytest.raises(Conflict):
            late()
    assert CaseStep.select().count() == 4


def test_a_case_is_answered_without_being_begun(case, officer, now):
    cases.answer_case(case, officer, ANSWER, by=SYSTEM, now=now)
    assert Case.get_by_id(case.id).state == "answered"


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({}, {"outcome", "text"}),
        ({"outcome": "maybe", "text": "Long enough."}, {"outcome"}),
        ({"outcome": "done"}, {"text"}),
    ],
)
def test_an_answer_needs_a_result_and_words(case, officer, now, form, fields):
    with pytest.raises(Invalid) as error:
        cases.answer_case(case, officer, form, by=SYSTEM, now=now)
    assert set(error.value.fields) == fields
    assert Case.get_by_id(case.id).state == "new"


def test_remarks_have_a_limit(case, now):
    for number in range(cases.ADDED):
        cases.add_remark(case, {"text": f"Remark number {number}"}, by=SYSTEM, now=now)
    with pytest.raises(Conflict):
        cases.add_remark(case, {"text": "One more remark."}, by=SYSTEM, now=now)


def test_only_the_account_reads_its_case(case, person):
    assert cases.own_case(person.account, case.uid) == case
    with pytest.raises(NotFound):
        cases.own_case(make_beneficiary().account, case.uid)


def test_the_most_urgent_stands_first_and_the_late_are_counted(person, case, officer, now):
    later = now + timedelta(days=20)
    second = cases.open_case(person.account, "grievance", person, WORDS, by=SYSTEM, now=later)
    assert cases.listed(1, answered=False).rows == [case, second]
    assert cases.count_late(now + timedelta(days=30)) == 0
    assert cases.count_late(now + timedelta(days=31)) == 1
    cases.answer_case(case, officer, ANSWER, by=SYSTEM, now=now + timedelta(days=31))
    assert cases.count_late(now + timedelta(days=31)) == 0
    assert cases.listed(1, answered=False).rows == [second]
    assert cases.listed(1, answered=True).rows == [case]


def test_each_step_is_audited_without_its_words(case, officer, now):
    cases.begin_work(case, officer, by=SYSTEM, now=now)
    cases.add_remark(case, {"text": "It happened again today."}, by=SYSTEM, now=now)
    cases.answer_case(case, officer, ANSWER, by=SYSTEM, now=now + timedelta(days=40))
    rows = list(AuditRow.select().where(AuditRow.action.startswith("Case")).order_by(AuditRow.id))
    assert [row.action for row in rows] == ["CaseOpened", "CaseBegun", "CaseAdded", "CaseAnswered"]
    assert {row.subject for row in rows} == {case.uid}
    assert '"late": true' in rows[-1].details
    assert "call" not in " ".join(row.details for row in rows)


def test_an_answer_is_told_by_text_without_saying_what_it_is_about(person, case, officer, now, queue):
    cases.answer_case(case, officer, ANSWER, by=SYSTEM, now=now)
    queue.drain()
    (told,) = Message.select()
    assert (told.template, told.to, told.values) == (
        "case_answered",
        person.account.mobile,
        {"number": case.number},
    )
