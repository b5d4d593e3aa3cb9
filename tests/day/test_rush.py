"""The rush at seven: everybody requests a token in the same second, against the real servers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest

from tests.day.cast import COMPLAINT, register, sign_in, status_of
from tests.day.reader import Person
from tests.servers import Portal

PEOPLE, TRIES = 50, 50
FEW = 4  # sign in concurrently: the rush is at the form
TRIES_OF_A_PERSON = 6  # retries after 503 with Retry-After


@pytest.fixture(params=["portal", "portal_on_postgres"])
def place(request) -> Portal:
    """The running portal, on SQLite and on PostgreSQL."""
    return request.getfixturevalue(request.param)


def arrive(portal: Portal, family: int) -> Person:
    """Sign in and register a family's aged parent, who needs no referral, and open the form."""
    patient = sign_in(portal, str(9000000000 + family))
    register(patient, str(1000000 + 3 * family), "1950-01-01")
    return patient.open("/tokens/new")


def ask(patient: Person, specialty: str, start: Barrier | None = None) -> int:
    """Fill in the form and submit it when all are ready, with retries; return the status."""
    person = patient.tree.xpath("//input[@name='beneficiary']/@value")[0]
    fields = {"beneficiary": person, "specialty": specialty, "complaint": COMPLAINT, "consent": "yes"}
    if start:
        start.wait(20)
    for _ in range(TRIES_OF_A_PERSON):
        patient.press("Request token", fields, follow=False)
        if patient.status != 503:
            break
        sleep(int(patient.answer.headers["Retry-After"]))
        patient.back()
    return patient.status


def another_tab(patient: Person) -> Person:
    """Open the form in another tab of the same sign-in."""
    tab = Person(str(patient.http.base_url))
    tab.http.cookies.update(patient.http.cookies)
    return tab.open("/tokens/new")


def test_fifty_concurrent_requests_get_fifty_numbers_without_a_gap(place):
    """F30, Q1, Q2."""
    start = Barrier(PEOPLE)
    with ThreadPoolExecutor(FEW) as door:
        patients = list(door.map(lambda family: arrive(place, family), range(1, PEOPLE + 1)))
    with ThreadPoolExecutor(PEOPLE) as crowd:
        answers = list(crowd.map(lambda patient: ask(patient, "eye", start), patients))
        assert answers == [303] * PEOPLE
        visits = [patient.answer.headers["Location"].rpartition("/")[2] for patient in patients]
        tokens = [status_of(patient, visit)["token"] for patient, visit in zip(patients, visits, strict=True)]
    assert sorted(tokens) == [f"EYE-{number:03d}" for number in range(1, PEOPLE + 1)]


def test_fifty_concurrent_requests_of_one_person_make_one_token(place):
    """F30, Q10."""
    patient = arrive(place, 60)
    tabs = [patient] + [another_tab(patient) for _ in range(TRIES - 1)]
    start = Barrier(TRIES)
    with ThreadPoolExecutor(TRIES) as crowd:
        answers = list(crowd.map(lambda tab: ask(tab, "ent", start), tabs))
    assert sorted(set(answers)) in ([303], [303, 409])
    assert answers.count(303) == 1, "each tab has a form of its own, so only the first one succeeds"
    home = patient.open("/home")
    assert home.text.count("Open the queue") == 1
    other = ask(home.open("/tokens/new"), "eye")
    assert other == 409, "one live token for each person, whatever the doctor"
