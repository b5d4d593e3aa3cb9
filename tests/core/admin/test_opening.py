"""The checklist of the overview: what is missing, the page that cures it, and that its line vanishes with the cure."""

from datetime import timedelta

import pytest
from lxml import html

from portal.base.clock import clinic_day
from portal.base.language import speaking
from portal.core.accounts.models import Staff
from portal.core.admin import opening
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Centre, Holiday, Specialty
from portal.core.formulary.models import Drug
from portal.plugin_host.registry import registry
from portal.settings.clinic import ClinicHours, PageWords
from portal.settings.stored import store
from tests.consulting import list_usual_medicines
from tests.factories import make_centre, make_entry, make_specialty, make_staff
from tests.fakes import install_plugin


def provide(app, hook):
    install_plugin(app, hook.replace("_", ""), **{hook: lambda *arguments: None})


CURES = {
    "sender": lambda app, now: provide(app, "send_message"),
    "video": lambda app, now: provide(app, "open_room"),
    "specialties": lambda app, now: make_specialty(),
    "centres": lambda app, now: make_centre(),
    "doctors": lambda app, now: make_staff("doctor"),
    "register": lambda app, now: make_entry(),
    "medicines": lambda app, now: list_usual_medicines(),
    "medical officers": lambda app, now: make_staff("medical_officer"),
    "holidays": lambda app, now: Holiday.create(day=clinic_day(now) + timedelta(days=30), name="Christmas"),
}


def parts(now) -> dict[str, opening.Step]:
    return {step.part: step for step in opening.open_steps(registry(), now)}


@pytest.mark.parametrize("part", CURES)
def test_each_gap_is_listed_until_it_is_filled(app, db, now, part):
    assert part in parts(now)
    CURES[part](app, now)
    assert part not in parts(now)


def test_a_specialty_without_doctor_is_listed_until_one_is_there(app, db, now):
    make_staff("doctor")
    make_specialty("eye")
    assert "Eye" in parts(now)["specialties without doctor"].text
    make_staff("doctor", specialty=make_specialty("eye"))
    assert "specialties without doctor" not in parts(now)


def test_it_is_named_in_the_readers_language(app, db, now):
    make_staff("doctor")
    make_specialty("eye", name_hi="आँख")
    with speaking("hi"):
        assert "आँख" in parts(now)["specialties without doctor"].text


def test_a_clinic_that_is_never_open_is_found(app, db, now):
    store(ClinicHours, "working_days", "7")
    sundays = [day for day in range(90) if (clinic_day(now) + timedelta(days=day)).isoweekday() == 7]
    for day in sundays:
        Holiday.create(day=clinic_day(now) + timedelta(days=day), name="Sunday")
    assert "clinic days" in parts(now)
    store(ClinicHours, "working_days", "17")
    assert "clinic days" not in parts(now)


def test_contacts_as_delivered_and_a_lonely_administrator_are_listed_for_a_clinic_of_its_own(app, db, now):
    own = {ask.__name__: ask for ask in opening.OWN_STEPS}
    make_staff("admin", username="asha.admin")
    open_ones = {name for name, ask in own.items() if ask(registry(), now)}
    assert open_ones == {"helpline", "grievances", "administrators", "second_factors"}
    store(PageWords, "helpline", "011-23061234")
    store(PageWords, "grievance_email", "opd@cghs.gov.in")
    make_staff("admin")
    Staff.update(totp_secret="sealed").execute()
    assert {name for name, ask in own.items() if ask(registry(), now)} == set()


def test_the_overview_shows_the_list_with_working_links_and_hides_it_once_all_is_there(app, db, now, sign_in):
    browser = sign_in(make_staff("admin"))
    page = html.fromstring(browser.get("/admin").text)
    assert page.xpath("//h2[@id='opening']/text()") == ["Until the clinic can serve"]
    links = page.xpath("//section[@aria-labelledby='opening']//a/@href")
    assert len(links) >= 5
    assert [link for link in links if browser.get(link).status_code != 200] == []
    for cure in CURES.values():
        cure(app, now)
    assert 'id="opening"' not in browser.get("/admin").text
    assert all(model.select().exists() for model in (Centre, Specialty, Drug, RegisterEntry))
