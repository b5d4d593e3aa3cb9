"""What a change of a roster would do to tokens already given."""

from datetime import timedelta

import pytest

from portal.core.doctors.planning import changing
from portal.core.doctors.planning.deeds import NOBODY, SHUT
from portal.core.doctors.planning.effects import effect_of, initials
from portal.core.rosters.models import DoctorWeek
from portal.core.visits.models import Visit
from tests.core.doctors.planning.test_changing import TODAY, closing, week_of
from tests.core.doctors.planning.test_changing import by as by
from tests.factories import make_staff, make_visit


def test_the_question_counts_the_tokens_that_lose_their_doctor_with_masked_names(by, now):
    doctor, visit = make_staff(), make_visit()
    effect = effect_of(week_of(doctor, "-dddddd"), now)
    day = effect.days[0]
    assert (day.day, day.kinds) == (TODAY, (NOBODY,))
    assert day.waiting == (f"{visit.token} · {initials(visit.beneficiary.entry.name)}",)
    assert visit.beneficiary.entry.name not in repr(effect.days)
    assert TODAY + timedelta(days=7) in [lost.day for lost in effect.lost]


def test_working_out_what_a_change_does_changes_nothing(by, now):
    doctor, visit = make_staff(), make_visit()
    effect_of(week_of(doctor, "-------"), now)
    assert not DoctorWeek.select().exists()
    assert Visit.get_by_id(visit.id).state == "waiting"


def test_a_change_is_refused_when_tokens_were_given_after_the_question(by, now):
    doctor = make_staff()
    make_visit()
    wanted = week_of(doctor, "-------")
    seen = effect_of(wanted, now).seen
    make_visit()
    with pytest.raises(changing.Stale) as refused:
        changing.change_roster(wanted, seen, by=by, now=now)
    assert len(refused.value.effect.days[0].waiting) == 2
    assert not DoctorWeek.select().exists()


def test_the_question_says_that_a_closed_day_sends_people_away(by, now):
    make_visit()
    day = effect_of(closing(), now).days[0]
    assert (day.kinds, day.sends_away) == ((SHUT,), True)
