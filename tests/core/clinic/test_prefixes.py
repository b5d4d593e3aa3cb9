"""Tokens of a private specialty tell nobody which it is; what was given out keeps its prefix."""

import importlib

import pytest

from portal.core.clinic import sessions
from portal.core.clinic.models import ClinicSession, Specialty
from portal.store.db import database
from tests.factories import make_session, make_specialty, make_staff, make_visit

MIGRATION = importlib.import_module("portal.migrations.0042_neutral_prefix")


@pytest.fixture
def psychiatry(db: None) -> Specialty:
    return make_specialty("psychiatry", prefix="PSY", neutral_prefix="OPD")


def test_a_token_of_a_private_specialty_has_the_neutral_prefix(psychiatry, clock, now):
    session = sessions.session_on(psychiatry, now.date())
    assert make_visit(session=session, number=7).token == "OPD-007"
    assert make_visit(session=make_session(), number=7).token == "MED-007"


def test_a_private_specialty_without_a_prefix_of_its_own_has_the_usual_one(db):
    assert make_specialty("psychiatry").token_prefix == "OPD"


def test_what_was_given_out_keeps_its_prefix_when_the_specialty_is_made_private(psychiatry, now):
    Specialty.update(is_private=False).where(Specialty.id == psychiatry.id).execute()
    open_one = Specialty.get_by_id(psychiatry.id)
    visit = make_visit(session=sessions.session_on(open_one, now.date()), number=3)
    Specialty.update(is_private=True).execute()
    assert type(visit).get_by_id(visit.id).token == "PSY-003"


@pytest.mark.parametrize(
    ("neutral", "status"),
    [("", 303), ("A1", 303), ("PSY", 422), ("psy", 422), ("MED", 422), ("A-1", 422), ("LONGER", 422)],
)
def test_a_neutral_prefix_is_no_ones_own(psychiatry, sign_in, neutral, status):
    make_specialty()
    typed = {
        "row": str(psychiatry.id),
        "code": "psychiatry",
        "prefix": "PSY",
        "name": "Psychiatry",
        "is_private": "yes",
    }
    answer = sign_in(make_staff("admin")).submit("/admin/specialties", typed | {"neutral_prefix": neutral})
    assert answer.status_code == status
    assert Specialty.get_by_id(psychiatry.id).neutral_prefix == (neutral if status == 303 else "OPD")


def empty_as_in_an_older_one():
    Specialty.update(neutral_prefix="").execute()
    ClinicSession.update(prefix="").execute()


def test_an_older_database_keeps_its_tokens_and_gets_a_neutral_prefix(psychiatry, now):
    used, unused = make_session(specialty=psychiatry, last_number=4), make_session(specialty=make_specialty())
    empty_as_in_an_older_one()
    MIGRATION.fill(database)
    prefixes = {row.id: row.prefix for row in ClinicSession.select()}
    assert prefixes == {used.id: "PSY", unused.id: "MED"}
    assert {row.code: row.neutral_prefix for row in Specialty.select()} == {"psychiatry": "OPD", "medicine": ""}


def test_an_older_session_of_which_nothing_was_given_out_is_neutral_at_once(psychiatry):
    session = make_session(specialty=psychiatry, last_number=0)
    empty_as_in_an_older_one()
    MIGRATION.fill(database)
    assert ClinicSession.get_by_id(session.id).prefix == "OPD"
