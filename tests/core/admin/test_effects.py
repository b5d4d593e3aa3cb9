"""What a change of a setting would do is told in numbers, before it is saved; each change is kept, and set back."""

from datetime import date, timedelta

import pytest

from portal.base.clock import clinic_day
from portal.core.admin.effects import effects_of
from portal.core.admin.models import SettingChange
from portal.core.clinic.models import ClinicSession, Holiday
from portal.core.consults.models import Consult
from portal.settings.clinic import ClinicHours, QueueRules, ReferralRules
from tests.factories import (
    make_beneficiary,
    make_entry,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)


@pytest.fixture
def browser(db, sign_in):
    return sign_in(make_staff("admin", name="Asha Rao"))


def aged(years: int, now, **fields):
    day = clinic_day(now)
    return make_entry(date_of_birth=date(day.year - years, 1, 2), **fields)


def told(key: str, before: object, after: object, now) -> list[str]:
    return effects_of({key: (str(before), str(after))}, now).get(key, [])


def test_a_higher_age_counts_who_needs_a_referral_now_and_who_holds_one(db, now) -> None:
    make_referral(aged(71, now))
    for years in (69, 72, 74, 75, 90):
        aged(years, now)
    aged(73, now, left_on=clinic_day(now))
    assert told("referral_exempt_age", 70, 75, now) == [
        "3 people need a referral that did not until now.",
        "Of these, 1 hold a valid referral.",
    ]
    assert told("referral_exempt_age", 70, 69, now) == ["1 people no longer need a referral that do until now."]
    assert told("referral_exempt_age", 100, 110, now) == []


def test_people_called_first_are_counted(db, now) -> None:
    aged(70, now)
    assert told("priority_age", 80, 65, now) == ["1 more people are called first from their next token."]
    assert told("priority_age", 65, 80, now) == ["1 people are no longer called first, from their next token."]


def test_what_was_issued_stays_and_is_counted(db, now) -> None:
    make_referral(aged(40, now), valid_until=clinic_day(now))
    make_referral(aged(41, now), valid_until=clinic_day(now) - timedelta(days=1))
    for key in ("referral_validity_days", "referral_max_consults"):
        assert told(key, 90, 30, now)[0].startswith("1 referrals are valid today")
    person = aged(42, now)
    for code in ("medicine", "eye"):
        make_referral(person, specialty=make_specialty(code))
    assert told("referral_max_specialists", 3, 2, now)[0].startswith("1 people hold so many")
    assert told("referral_max_specialists", 2, 3, now) == []
    make_session(quota=60)
    assert told("session_quota", 60, 40, now)[0].startswith("1 sessions exist already")
    assert told("session_quota", 40, 60, now) == []
    assert told("opens_at", "09:00", "10:00", now)[0].startswith("1 sessions exist already")


def test_follow_ups_around_today_are_counted(db, now) -> None:
    visit = make_visit("completed", doctor=make_staff())
    Consult.create(
        visit=visit, doctor=visit.doctor, started_at=now, saved_at=now, follow_up_on=clinic_day(now) + timedelta(days=5)
    )
    assert told("followup_days", 7, 3, now) == [
        "Follow-ups for which a token needs no new referral today: 0 instead of 1."
    ]


def test_clinic_days_are_counted_without_holidays(db, now) -> None:
    day = clinic_day(now)
    monday = day + timedelta(days=(7 - day.weekday()) % 7 or 7)
    Holiday.create(day=monday, name="A", name_hi="")
    (sentence,) = told("working_days", "1", "12", now)
    ahead = [day + timedelta(days=each) for each in range(60)]
    was = sum(each.isoweekday() == 1 and each != monday for each in ahead)
    will = was + sum(each.isoweekday() == 2 for each in ahead)
    assert sentence == f"Clinic days in the next 60 days: {will} instead of {was}."


def test_records_that_may_be_deleted_are_counted(db, now) -> None:
    old = make_beneficiary()
    old.registered_at = now - timedelta(days=4 * 366)
    old.save()
    make_beneficiary()
    (sentence,) = told("retain_clinical_years", 5, 3, now)
    assert sentence.endswith("1 instead of 0.")


def test_the_page_shows_the_effect_and_saves_only_what_is_confirmed(browser, now) -> None:
    aged(72, now)
    answer = browser.submit("/admin/settings", {"referral_exempt_age": "75", "call_seconds": "90"})
    assert answer.status_code == 409
    assert "1 people need a referral that did not until now." in answer.text
    assert ReferralRules.in_force().referral_exempt_age == 70
    fields = {"referral_exempt_age": "75", "call_seconds": "90", "confirm": "yes"}
    assert browser.submit("/admin/settings", fields).status_code == 303
    assert (ReferralRules.in_force().referral_exempt_age, QueueRules.in_force().call_seconds) == (75, 90)


def test_a_preset_shows_its_effect_too(browser, now) -> None:
    aged(65, now)
    answer = browser.submit("/admin/settings", {"preset": "2020"})
    assert (answer.status_code, "1 people no longer need" in answer.text) == (409, True)


def test_each_change_is_kept_with_its_author_and_set_back(browser, now) -> None:
    browser.submit("/admin/settings", {"call_seconds": "९०", "opens_at": "08:30"})
    row = SettingChange.get(SettingChange.key == "call_seconds")
    assert (row.before, row.after, row.staff.name) == ("120", "90", "Asha Rao")
    page = browser.get("/admin/settings/history?key=opens_at").text
    assert "Set back to 09:00" in page
    assert "<del>120</del>" not in page
    browser.submit("/admin/settings", {"opens_at": "09:00"}, page="/admin/settings/history")
    assert f"{ClinicHours.in_force().opens_at:%H:%M}" == "09:00"
    assert "Set back to 08:30" in browser.get("/admin/settings/history?page=99").text
    assert not ClinicSession.select().exists()
