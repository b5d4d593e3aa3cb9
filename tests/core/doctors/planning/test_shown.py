"""The preview of a month."""

import pytest
from lxml import html

from portal.core.clinic.models import Holiday, SpecialtyHours
from portal.core.rosters.models import DoctorWeek
from tests.core.doctors.planning.test_views import browser as browser
from tests.factories import make_duty, make_session, make_specialty, make_staff


def test_the_month_shows_who_is_there_holidays_closed_days_and_who_came_beside_the_roster(browser):
    planned, unplanned = make_staff(name="Dr Planned"), make_staff(name="Dr Unplanned")
    DoctorWeek.create(doctor=planned, begins="2026-11-01", days="1--d---")
    DoctorWeek.create(doctor=unplanned, begins="2026-11-01", days="--d----")
    make_duty(unplanned, make_session())
    Holiday.create(day="2026-11-26", name="Festival")
    SpecialtyHours.create(specialty=make_specialty(), day="2026-11-25", is_open=False, reason="painting")
    rows = html.fromstring(browser.get("/admin/rosters/month?month=2026-11").text).xpath("//tbody/tr")
    texts = [" ".join(row.text_content().split()) for row in rows]
    assert len(texts) == 30
    assert "Dr Planned (First half)On duty, not on the roster: Dr Unplanned" in texts[22]
    assert "No doctor on the roster" in texts[23]
    assert "Closed painting" in texts[24]
    assert "Holiday Festival" in texts[25]
    assert "No clinic" in texts[28]


@pytest.mark.parametrize("month", ["soon", "2026-13", "1990-01", "9999-12"])
def test_a_month_that_cannot_be_shown_is_this_month(browser, month):
    assert "November 2026" in browser.get(f"/admin/rosters/month?month={month}").text
