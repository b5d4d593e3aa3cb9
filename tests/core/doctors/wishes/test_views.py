"""The doctor's page of wishes and the administrator's: asked, agreed, approved with the preview, refused."""

import pytest
from lxml import html

from portal.core.doctors.wishes.models import RosterWish
from portal.core.rosters.models import DoctorDay, Leave, RosterChange
from tests.factories import make_staff

TODAY, TOMORROW, AFTER = "2026-11-23", "2026-11-24", "2026-11-25"


@pytest.fixture
def doctor(db):
    return make_staff()


@pytest.fixture
def browser(doctor, sign_in):
    return sign_in(doctor)


@pytest.fixture
def admin(db, sign_in):
    return sign_in(make_staff("admin"))


def seen_on(page) -> dict[str, str]:
    form = html.fromstring(page.text).xpath('//form[contains(@action, "/approve")]')[0]
    return {box.get("name"): box.get("value") for box in form.xpath('.//input[@type="hidden"]')}


def look(admin, wish) -> tuple[str, object]:
    address = f"/admin/rosters/wishes/{wish.uid}"
    return address, admin.get(address)


def test_leave_of_later_days_is_a_wish_and_that_of_today_holds(browser, doctor):
    answer = browser.submit("/leave", {"day": TODAY, "until": AFTER, "reason": "fever"})
    asked = browser.submit("/leave", seen_of_question(answer) | {"confirm": "yes"})
    assert asked.status_code == 303
    assert [row.day.isoformat() for row in Leave.select()] == [TODAY]
    assert [(str(row.day), str(row.until)) for row in RosterWish.select()] == [(TOMORROW, AFTER)]
    assert "waits for the administrator" in browser.get("/leave").text


def seen_of_question(page) -> dict[str, str]:
    form = html.fromstring(page.text).xpath('//form[.//button[@name="confirm"]]')[0]
    return {box.get("name"): box.get("value") for box in form.xpath('.//input[@type="hidden"]')}


def test_an_administrator_sees_it_on_the_overview_and_approves_it(browser, admin, doctor):
    make_staff()
    browser.submit("/leave", {"day": TOMORROW, "reason": "wedding"})
    assert "/admin/rosters/wishes" in admin.get("/admin/reports").text
    wish = RosterWish.get()
    assert wish.uid in admin.get("/admin/rosters/wishes").text
    address, page = look(admin, wish)
    assert "No token that is given already is concerned." in page.text
    done = admin.submit(f"{address}/approve", seen_on(page), page=address)
    assert (done.status_code, Leave.select().count()) == (303, 1)
    assert "approved" in browser.get("/leave").text
    assert "Your request is answered." in browser.get("/board").text
    seen = f"/leave/wishes/{wish.uid}/seen"
    assert admin.submit(seen, {}, page="/admin/rosters/wishes").status_code == 403
    read = browser.submit(seen, {}, page="/board")
    assert (read.status_code, read.location) == (303, "/board")
    assert "Your request is answered." not in browser.get("/board").text
    assert "Doctors wait for an answer" not in admin.get("/admin/reports").text
    again = admin.submit(f"{address}/approve", {"seen": "x", "idempotency_key": "another"}, page=address)
    assert (again.status_code, RosterChange.select().count()) == (409, 1)


def test_an_approval_of_an_old_page_asks_again_with_what_holds_now(browser, admin, doctor):
    browser.submit("/leave", {"day": TOMORROW})
    address, page = look(admin, RosterWish.get())
    make_staff()  # the day does not lose its clinic any more
    stale = admin.submit(f"{address}/approve", seen_on(page), page=address)
    assert (stale.status_code, Leave.select().exists()) == (409, False)
    assert "This has changed in the meantime" in stale.text
    assert admin.submit(f"{address}/approve", seen_on(stale), page=address).status_code == 303


def test_a_refusal_is_read_by_the_doctor(browser, admin):
    browser.submit("/leave", {"day": TOMORROW})
    address, _page = look(admin, RosterWish.get())
    assert admin.submit(f"{address}/refuse", {"reason": ""}, page=address).status_code == 422
    assert admin.submit(f"{address}/refuse", {"reason": "camp at the centre"}, page=address).status_code == 303
    assert "camp at the centre" in browser.get("/leave").text


def test_a_swap_is_asked_agreed_to_and_approved(browser, admin, doctor, sign_in):
    colleague = make_staff()
    for who, part in ((doctor, "1"), (colleague, "2")):
        DoctorDay.create(doctor=who, day=TOMORROW, part=part)
    form = {"day": TOMORROW, "other": colleague.username, "other_day": TOMORROW, "reason": "school"}
    assert browser.submit("/leave/swap", form | {"other": "nobody"}).status_code == 422
    assert browser.submit("/leave/swap", form).status_code == 303
    assert browser.submit("/leave/swap", form).status_code == 409
    other, wish = sign_in(colleague), RosterWish.get()
    assert "A colleague asks you for a swap." in other.get("/board").text
    assert "school" in other.get("/leave").text
    address, page = look(admin, wish)
    assert not html.fromstring(page.text).xpath('//form[contains(@action, "/approve")]')
    agreed = f"/leave/wishes/{wish.uid}/agree"
    assert other.submit(agreed, {}, page="/leave").status_code == 303
    assert other.submit(agreed, {}, page="/leave").status_code == 409
    assert "A colleague asks you for a swap." not in other.get("/board").text
    address, page = look(admin, wish)
    assert admin.submit(f"{address}/approve", seen_on(page), page=address).status_code == 303
    assert {row.doctor: row.part for row in DoctorDay.select()} == {doctor: "2", colleague: "1"}
    assert "Your request is answered." in browser.get("/board").text
    assert "A swap that concerns you is answered." in other.get("/board").text
    assert other.submit(f"/leave/wishes/{wish.uid}/seen", {}, page="/board").status_code == 303
    assert "is answered." not in other.get("/board").text
    assert "Your request is answered." in browser.get("/board").text, "each puts it away alone"


def test_no_answer_is_put_away_before_there_is_one_nor_by_somebody_else(browser, admin, sign_in):
    browser.submit("/leave", {"day": TOMORROW})
    seen = f"/leave/wishes/{RosterWish.get().uid}/seen"
    assert browser.submit(seen, {}, page="/board").status_code == 404
    address, _page = look(admin, RosterWish.get())
    admin.submit(f"{address}/refuse", {"reason": "camp at the centre"}, page=address)
    assert "camp at the centre" in browser.get("/board").text
    assert sign_in(make_staff()).submit(seen, {}, page="/board").status_code == 404
    assert "camp at the centre" in browser.get("/board").text


def test_a_wish_that_cannot_be_done_any_more_says_why(browser, admin, doctor):
    browser.submit("/leave", {"day": TOMORROW})
    Leave.create(doctor=doctor, day=TOMORROW, at=RosterWish.get().asked_at, by_uid="x")
    _address, page = look(admin, RosterWish.get())
    assert "It cannot be done as it was asked" in page.text


def test_a_wish_is_withdrawn_and_one_of_somebody_else_is_not_found(browser, doctor, sign_in):
    browser.submit("/leave", {"day": TOMORROW})
    address = f"/leave/wishes/{RosterWish.get().uid}/withdraw"
    assert sign_in(make_staff()).submit(address, {}, page="/leave").status_code == 404
    assert browser.submit(address, {}, page="/leave").status_code == 303
    assert "withdrawn" in browser.get("/leave").text


def test_a_doctor_alone_in_the_specialty_has_nobody_to_swap_with(browser):
    assert "Your specialty has no other doctor." in browser.get("/leave/swap").text
