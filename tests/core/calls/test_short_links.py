"""Short links of the text "it is your turn": off by default, one purpose, short-lived, used once."""

from datetime import timedelta

import pytest

from portal.base.errors import Invalid
from portal.core.calls import short_links
from portal.core.calls.models import ShortLink
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from tests.factories import make_visit

HOST = "opd.cghs.gov.in"


@pytest.fixture
def visit(db, now) -> Visit:
    return make_visit("called")


@pytest.fixture
def key(visit, now) -> str:
    put("dlt_whitelist", HOST)
    put("short_link_host", HOST)
    link = short_links.link_for(visit, "cause", until=now + timedelta(minutes=2))
    return link.removeprefix(f"{HOST}/s/")


def test_no_link_is_made_by_default(visit, now):
    assert short_links.link_for(visit, "cause", until=now) is None
    assert ShortLink.select().count() == 0


def test_the_same_cause_has_one_link_of_at_most_thirty_characters(visit, key, now):
    again = short_links.link_for(visit, "cause", until=now + timedelta(minutes=2))
    assert again == f"{HOST}/s/{key}"
    assert len(again) <= 30
    assert ShortLink.select().count() == 1


@pytest.mark.parametrize("host", ["https://opd.cghs.gov.in", "OPD.in", "tele-opd.cghs.gov.in", "opd"])
def test_only_a_short_address_is_a_setting(db, host):
    with pytest.raises(Invalid):
        put("short_link_host", host)


def test_an_address_that_is_not_whitelisted_makes_no_link(visit, now):
    put("short_link_host", HOST)
    assert short_links.link_for(visit, "cause", until=now) is None


def test_a_link_is_over_after_its_time_its_use_and_the_visit(visit, key, now):
    assert short_links.find(key, now).visit == visit
    assert short_links.find(key, now + timedelta(minutes=12)) is None
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    assert short_links.find(key, now) is None


def test_a_link_signs_in_once(visit, key, now):
    link = short_links.find(key, now)
    assert short_links.sign_in_by_link(link, now=now).account == visit.beneficiary.account
    assert short_links.sign_in_by_link(link, now=now) is None
    assert short_links.find(key, now) is None


def test_old_links_are_deleted(key, now):
    short_links.sweep_short_links(now)
    assert ShortLink.select().count() == 1
    short_links.sweep_short_links(now + timedelta(hours=1))
    assert ShortLink.select().count() == 0
