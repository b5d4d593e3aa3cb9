"""What is typed into the search of the audit log is understood, in English and in Hindi."""

from datetime import timedelta

import pytest

from portal.base.language import speaking
from portal.core.auditing.actions import actions_of
from portal.core.auditing.meanings import meanings, named
from portal.core.auditing.wanted import Wanted
from portal.work.audit import SYSTEM, note
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_case, make_entry, make_referral, make_staff, make_visit


@pytest.fixture
def meant(app, db, now):
    def find(text: str, wanted: Wanted = Wanted(), language: str = "en") -> list[tuple[str, str]]:  # noqa: B008
        with app.test_request_context(), speaking(language):
            return [(each.criterion, each.value) for each in meanings(text, wanted, now)]

    return find


def test_a_person_is_meant_by_ben_id_and_by_name_in_either_script(meant):
    entry = make_entry(name="Sarla Devi", name_hi="सरला देवी")
    about = [("about", f"person:{entry.ben_id}")]
    assert meant(entry.ben_id) == meant("sarla") == meant("सरला", language="hi") == about


def test_staff_are_meant_by_user_name_and_by_name(meant):
    person = make_staff("doctor", username="dr.rao", name="Dr Meena Rao", name_hi="डॉ मीना राव")
    assert meant("dr.rao") == meant("Meena") == meant("मीना") == [("by", person.uid)]


def test_several_who_match_are_all_offered(meant):
    make_entry(name="Meena Kumari")
    make_staff("doctor", name="Dr Meena Rao")
    assert [criterion for criterion, _value in meant("meena")] == ["about", "by"]


def test_a_token_means_the_visits_of_the_days(meant, now):
    visit = make_visit("waiting")
    assert meant(visit.token) == meant(visit.token.lower()) == [("about", f"visit:{visit.uid}")]
    before = (visit.session.day - timedelta(days=1),) * 2
    assert meant(visit.token, Wanted(*before)) == []


def test_the_number_of_a_prescription_a_referral_and_a_case_means_each(meant, usual_medicines, now):
    issued, referral, case = make_prescription(now), make_referral(make_entry()), make_case(make_beneficiary())
    assert meant(issued.number.lower()) == [("about", f"prescription:{issued.uid}")]
    assert meant(referral.number) == [("about", f"object:{referral.uid}")]
    assert meant(case.number) == [("about", f"object:{case.uid}")]


@pytest.mark.parametrize("text", ["PinSet", "PIN for private visits set", "निजी परामर्श का पिन तय हुआ", "pinset"])
def test_an_action_is_meant_by_its_name_and_by_its_words_in_both_languages(meant, text):
    assert meant(text) == [("action", "PinSet")]


def test_some_words_mean_every_action_with_them(app):
    with app.test_request_context():
        assert {"StaffSignedIn", "AccountSignedIn"} <= set(actions_of("signed in"))


def test_an_id_of_a_row_means_what_it_is_about_or_who_acted(meant, now):
    person = make_staff("desk")
    note("ParcelSent", "parcel-7", by=SYSTEM, now=now)
    assert meant("parcel-7") == [("about", "object:parcel-7")]
    assert meant("ParcelSent") == [("action", "ParcelSent")]
    assert meant(person.uid) == []


@pytest.mark.parametrize("text", ["", "   ", "nobody at all", "%", "'; --", "x" * 60, "\0"])
def test_what_means_nothing_finds_nothing(meant, text):
    assert meant(text) == []


def test_criteria_in_force_are_named_for_people(app, db):
    entry, person = make_entry(name="Sarla Devi"), make_staff("doctor", name="Dr Rao")
    wanted = Wanted(about=f"person:{entry.ben_id}", by=person.uid, action="PinSet", seen="yes")
    with app.test_request_context():
        said = named(wanted)
    assert said["about"] == f"Sarla Devi, {entry.ben_id}"
    assert (said["by"], said["action"]) == ("By Dr Rao", "PIN for private visits set")
