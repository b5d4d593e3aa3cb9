"""Events that a listener failed to hear: the administrator retries one, or all."""

import pytest

from portal.work.events import Event
from tests.factories import make_staff
from tests.noted import actor_of, noted

ON_ITS_WAY = "It is on its way again."
PAGE = "/admin/events"


@pytest.fixture
def dead(db, now) -> list[Event]:
    fields = {"at": now, "by_kind": "system", "by_uid": "", "data": {}, "dead_at": now}
    return [Event.create(name="NobodyCares", subject=subject, **fields) for subject in ("one", "two")]


@pytest.fixture
def admin(db):
    return make_staff("admin")


def waiting() -> int:
    return Event.select().where(Event.dead_at.is_null()).count()


def test_one_is_retried_and_a_second_press_says_nothing(sign_in, admin, dead):
    browser, (first, _second) = sign_in(admin), dead
    assert noted(lambda: browser.submit(f"{PAGE}/{first.uid}", page=PAGE)) == [
        ("EventTriedAgain", actor_of(admin), first.uid)
    ]
    assert (waiting(), ON_ITS_WAY in browser.get(PAGE).text) == (1, True)
    browser.submit(f"{PAGE}/{first.uid}", page=PAGE)
    assert ON_ITS_WAY not in browser.get(PAGE).text
    assert browser.submit(f"{PAGE}/nobody", page=PAGE).status_code == 404


def test_all_are_retried_and_counted(sign_in, admin, dead):
    browser = sign_in(admin)
    browser.submit(PAGE, page=PAGE)
    assert (waiting(), "On their way again: 2" in browser.get(PAGE).text) == (2, True)


def test_the_end_of_the_request_id_leads_to_the_log(sign_in, admin, dead):
    Event.update(request_id="8f14e45fceea167a5a36dedd4bea2543").where(Event.id == dead[0].id).execute()
    page = sign_in(admin).get(PAGE).text
    assert "In the log: 4bea2543" in page
    assert page.count("In the log:") == 1
