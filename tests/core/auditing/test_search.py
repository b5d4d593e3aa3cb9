"""The audit log is searched by criteria, each page through one index, on both engines."""

from datetime import timedelta

import pytest

from portal.core.auditing import search
from portal.core.auditing.wanted import Wanted
from portal.work import audit
from portal.work.audit import SYSTEM, Actor
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_staff
from tests.plans import asked as asked
from tests.plans import plan_of, scans

DOCTOR = Actor("staff", "doctor-1")


@pytest.fixture
def log(db, now):
    """A hundred and twenty rows, two a minute: of two actors, three actions and two subjects."""
    for number in range(120):
        by = DOCTOR if number % 3 == 0 else SYSTEM
        action = ("ChartRead", "TokenIssued", "PinSet")[number % 3]
        at = now + timedelta(minutes=number // 2)
        audit.note(action, f"s{number % 2}", by=by, now=at, number=number)


def numbers(found) -> list[int]:
    return [int(row.details.split(": ")[1].strip("}")) for row in found.rows]


def pages(wanted: Wanted) -> list[int]:
    """Every page, from the newest to the oldest."""
    found = search.search(wanted)
    all_of = numbers(found)
    while found.last:
        found = search.search(wanted, found.last)
        all_of += numbers(found)
    return all_of


CRITERIA = {
    "nothing": (Wanted(), lambda number: True),
    "an action": (Wanted(action="ChartRead"), lambda number: number % 3 == 0),
    "an actor": (Wanted(by="doctor-1"), lambda number: number % 3 == 0),
    "an actor and an action": (Wanted(by="doctor-1", action="PinSet"), lambda number: False),
    "an object": (Wanted(about="object:s1"), lambda number: number % 2 == 1),
    "an object and an action": (Wanted(about="object:s1", action="PinSet"), lambda number: number % 6 == 5),
    "who saw": (Wanted(seen="yes"), lambda number: number % 3 == 0),
    "who saw an object": (Wanted(about="object:s0", seen="yes"), lambda number: number % 6 == 0),
    "an action that is no reading": (Wanted(action="PinSet", seen="yes"), lambda number: False),
}


@pytest.mark.parametrize("name", CRITERIA)
def test_every_row_that_matches_is_on_exactly_one_page_the_newest_first(log, app, name):
    wanted, matches = CRITERIA[name]
    with app.test_request_context():
        assert pages(wanted) == [number for number in range(119, -1, -1) if matches(number)]


@pytest.mark.parametrize("name", CRITERIA)
def test_no_criterion_reads_all_of_the_log(log, app, asked, name):
    with app.test_request_context():
        asked.clear()
        search.search(CRITERIA[name][0], 60)
        queries = [(sql, params) for sql, params in asked if '"audit_row"' in sql]
        assert [plan_of(sql, params) for sql, params in queries if scans(sql, params)] == []


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("an action", "audit_row_action_at"),
        ("an actor and an action", "audit_row_actor_uid_at_action"),
        ("an object and an action", "audit_row_subject_at"),
    ],
)
def test_each_criterion_walks_its_own_index(log, app, asked, now, name, index):
    for number in range(600):  # the same deed of others: an actor or an object by itself is rare in a log
        audit.note("PinSet", f"other-{number}", by=Actor("staff", f"other-{number}"), now=now, number=number)
    with app.test_request_context():
        asked.clear()
        search.search(CRITERIA[name][0])
        sql, params = next((sql, params) for sql, params in asked if '"audit_row"' in sql)
        assert index in plan_of(sql, params)


def test_days_are_of_the_clinic_and_both_are_in(log, app, now):
    day = now.astimezone().date()
    with app.test_request_context():
        assert len(pages(Wanted(first=day, last=day))) == 120
        assert pages(Wanted(first=day + timedelta(days=1))) == pages(Wanted(last=day - timedelta(days=1))) == []


def test_who_saw_a_person_lists_what_was_read_under_any_of_the_ids(usual_medicines, now, app):
    issued = make_prescription(now)
    person, by = issued.visit.beneficiary, Actor("staff", make_staff("doctor", username="d9").uid)
    other = make_beneficiary()
    rows = (("ChartRead", person.uid), ("ConsultRead", issued.visit.uid), ("PrescriptionRead", issued.uid))
    for action, subject in (*rows, ("ChartRead", other.uid), ("PinSet", person.uid)):
        audit.note(action, subject, by=by, now=now)
    wanted = Wanted(about=f"person:{person.entry.ben_id}", by=by.uid, seen="yes")
    with app.test_request_context():
        found = search.search(wanted).rows
    assert [(row.action, row.subject) for row in found] == list(reversed(rows))


def test_nobody_is_found_by_an_unknown_ben_id(log, app):
    with app.test_request_context():
        assert search.search(Wanted(about="person:0000000000")).rows == []
