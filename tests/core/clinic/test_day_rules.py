"""Hours and quota of a specialty on a day: of the day, else of its weekday, else of the settings."""

from datetime import date, time

from portal.base.clock import at_ist
from portal.core.clinic import sessions
from portal.core.clinic.day_rules import AS_SET, rule_of, rule_on, values_of
from portal.core.clinic.models import SpecialtyHours
from portal.settings.clinic import put
from portal.settings.stored import Setting
from tests.factories import make_specialty

MONDAY = date(2026, 11, 23)


def test_a_specialty_of_which_nothing_is_written_has_the_hours_of_the_settings(db):
    put("session_quota", "44")
    rule = rule_on(make_specialty(), MONDAY)
    assert rule == AS_SET
    assert sessions.hours_by(rule, MONDAY) == sessions.hours(MONDAY)
    assert sessions.quota_by(rule) == 44


def test_a_row_of_the_day_replaces_that_of_its_weekday(db):
    specialty = make_specialty()
    SpecialtyHours.create(specialty=specialty, weekday=1, opens_at=time(10), quota=5)
    SpecialtyHours.create(specialty=specialty, day=MONDAY, closes_at=time(11))
    SpecialtyHours.create(specialty=make_specialty("eye"), day=MONDAY, is_open=False)
    rule = rule_on(specialty, MONDAY)
    assert (rule.opens_at, rule.closes_at, rule.quota) == (None, time(11), None)
    assert rule_on(specialty, date(2026, 11, 30)).quota == 5


def test_a_row_is_read_as_it_was_written(db):
    row = SpecialtyHours.create(specialty=make_specialty(), weekday=1, opens_at=time(9, 5), quota=0, reason="x")
    found = rule_of(values_of(SpecialtyHours.get_by_id(row.id)))
    assert (found.is_open, found.opens_at, found.closes_at, found.quota) == (True, time(9, 5), None, 0)


def test_a_demo_around_the_clock_keeps_its_hours(db):
    Setting.create(key="demo_all_day", value=True)
    SpecialtyHours.create(specialty=make_specialty(), weekday=1, opens_at=time(10), closes_at=time(11))
    times = sessions.hours_by(rule_on(make_specialty(), MONDAY), MONDAY)
    assert times.opens_at == at_ist(MONDAY, time.min)
