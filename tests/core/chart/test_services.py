"""The chart: entries are added and ended, never rewritten."""

from datetime import datetime, timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart import services
from portal.core.chart.facts import Known
from portal.core.chart.forms import Typed
from portal.core.chart.models import ChartEntry
from portal.work.audit import Actor, AuditRow
from tests.factories import make_beneficiary, make_staff, make_visit

PENICILLIN = Typed("allergy", "Penicillin", "rash", "severe")


@pytest.fixture
def person(app) -> Beneficiary:
    return make_beneficiary()


@pytest.fixture
def doctor(app) -> Staff:
    return make_staff("doctor")


def add(person: Beneficiary, typed: Typed, doctor: Staff, now: datetime) -> ChartEntry:
    return services.add_entry(person, typed, by_staff=doctor, by=Actor("staff", doctor.uid), now=now)


def end(person: Beneficiary, entry: ChartEntry, state: str, doctor: Staff, now: datetime, seen: str = "") -> None:
    by = Actor("staff", doctor.uid)
    services.end_entry(person, entry.uid, state, seen=seen, by_staff=doctor, by=by, now=now)


def known(person: Beneficiary, now: datetime) -> Known:
    return services.known(person, on=clinic_day(now))


def test_nothing_is_known_of_somebody_new(person, now) -> None:
    assert known(person, now) == Known()


def test_an_allergy_is_known_with_reaction_severity_and_day(person, doctor, now) -> None:
    add(person, PENICILLIN, doctor, now)
    (allergy,) = known(person, now).allergies
    assert (allergy.substance, allergy.reaction, allergy.severity) == ("Penicillin", "rash", "severe")
    assert allergy.noted_on == clinic_day(now)


def test_the_same_allergy_entered_twice_stands_once(person, doctor, now) -> None:
    first = add(person, PENICILLIN, doctor, now)
    assert add(person, Typed("allergy", "PENICILLIN"), doctor, now) == first
    assert len(known(person, now).allergies) == 1


def test_none_known_has_a_day_and_ends_with_the_first_allergy(person, doctor, now) -> None:
    add(person, Typed("none_known"), doctor, now)
    assert known(person, now).none_known_on == clinic_day(now)
    add(person, PENICILLIN, doctor, now)
    assert known(person, now).none_known_on is None


def test_none_known_asked_again_is_known_from_the_newer_day(person, doctor, now) -> None:
    add(person, Typed("none_known"), doctor, now)
    add(person, Typed("none_known"), doctor, now + timedelta(days=40))
    assert known(person, now).none_known_on == clinic_day(now + timedelta(days=40))
    assert [entry.state for entry in ChartEntry.select().order_by(ChartEntry.id)] == ["resolved", "active"]


def test_none_known_beside_an_allergy_is_a_conflict(person, doctor, now) -> None:
    add(person, PENICILLIN, doctor, now)
    with pytest.raises(Conflict):
        add(person, Typed("none_known"), doctor, now)


def test_an_entry_in_error_is_left_out_and_kept_in_the_table(person, doctor, now) -> None:
    entry = add(person, PENICILLIN, doctor, now)
    end(person, entry, "error", doctor, now)
    assert known(person, now).allergies == ()
    row = ChartEntry.get_by_id(entry.id)
    assert (row.name, row.state, row.ended_at, row.ended_by) == ("Penicillin", "error", now, doctor)


def test_a_stale_window_ends_nothing(person, doctor, now) -> None:
    entry, seen = add(person, PENICILLIN, doctor, now), services.version_seen(person)
    add(person, Typed("problem", "Asthma"), doctor, now)
    with pytest.raises(Conflict):
        end(person, entry, "error", doctor, now, seen=seen)
    assert known(person, now).allergies


def test_an_entry_ends_once(person, doctor, now) -> None:
    entry = add(person, PENICILLIN, doctor, now)
    end(person, entry, "error", doctor, now)
    with pytest.raises(Conflict):
        end(person, entry, "error", doctor, now)


def test_an_entry_of_somebody_else_is_not_found(person, doctor, now) -> None:
    entry = add(make_beneficiary(), PENICILLIN, doctor, now)
    with pytest.raises(NotFound):
        end(person, entry, "error", doctor, now)


def test_a_told_medicine_is_known_with_who_said_so_until_it_is_stopped(person, doctor, now) -> None:
    entry = add(person, Typed("medicine", "Metformin", "500 mg twice", "caregiver", "2019"), doctor, now)
    (medicine,) = known(person, now).medicines
    told = (medicine.name, medicine.how, medicine.told_by, medicine.since, medicine.number)
    assert told == ("Metformin", "500 mg twice", "caregiver", "2019", "")
    end(person, entry, "stopped", doctor, now)
    assert known(person, now).medicines == ()


def test_every_change_is_audited_without_its_contents(person, doctor, now) -> None:
    entry = add(person, PENICILLIN, doctor, now)
    end(person, entry, "error", doctor, now)
    rows = list(AuditRow.select().where(AuditRow.subject == person.uid).order_by(AuditRow.id))
    assert [row.action for row in rows] == ["ChartEntryAdded", "ChartEntryEnded"]
    assert not any("Penicillin" in row.details for row in rows)


def test_the_person_is_the_doctors_only_while_the_visit_is(person, doctor, now) -> None:
    visit = make_visit("in_call", beneficiary=person, doctor=doctor)
    assert services.visit_with(doctor, person.uid) == visit
    with pytest.raises(NotFound):
        services.visit_with(make_staff("doctor"), person.uid)
    type(visit).update(state="completed").execute()
    with pytest.raises(NotFound):
        services.visit_with(doctor, person.uid)
