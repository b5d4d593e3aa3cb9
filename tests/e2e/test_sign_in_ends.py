"""A sign-in that ends: the page says so before, lets people stay, and nothing typed is lost."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from portal.demo.seed import PASSWORD
from tests.e2e.conftest import Enter
from tests.e2e.test_windows import in_call, is_saved
from tests.servers import Portal

ASKS_AFTER = "05:00"  # sign_in.js asks at least so often


def change_sign_ins(portal: Portal, column: str, moment: datetime) -> None:
    """As if time had passed, or somebody had ended them."""
    with closing(sqlite3.connect(portal.data_dir / "portal.db", timeout=10)) as database, database:
        database.execute(f"UPDATE sign_in SET {column} = ?", (moment.replace(tzinfo=None).isoformat(sep=" "),))  # noqa: S608 a name of ours


def idle(portal: Portal, minutes: int) -> None:
    change_sign_ins(portal, "seen_at", datetime.now(UTC) - timedelta(minutes=minutes))


def seen_seconds_ago(portal: Portal) -> float:
    with closing(sqlite3.connect(portal.data_dir / "portal.db", timeout=10)) as database:
        newest = database.execute("SELECT MAX(seen_at) FROM sign_in").fetchone()[0]
    return (datetime.now(UTC) - datetime.fromisoformat(newest).replace(tzinfo=UTC)).total_seconds()


def sign_in_again(page: Page, username: str) -> None:
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_a_page_warns_lets_one_stay_and_keeps_what_was_typed(enter: Enter, portal: Portal):
    staff = enter("desk", is_desktop=True)
    staff.page.clock.install()
    staff.sign_in_as_staff("desk.01").open("/announcements")
    warning, page = staff.page.locator("#sign-in-ends"), staff.page
    expect(warning).to_be_hidden()
    idle(portal, 14)
    page.clock.fast_forward(ASKS_AFTER)
    expect(warning).to_contain_text("you are signed out")
    staff.look("warned")
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    assert seen_seconds_ago(portal) < 30
    idle(portal, 14)
    page.locator("#text").press_sequentially("Late by an hour")
    page.clock.run_for(2000)  # the preview is asked for: five minutes at once would be its time-out
    expect(page.locator(".htmx-request")).to_have_count(0)
    with page.expect_response("**/sign-in") as answer:
        page.clock.fast_forward(ASKS_AFTER)
    assert (answer.value.request.method, answer.value.json()["lasts"] > 800) == ("POST", True)
    idle(portal, 16)
    page.clock.fast_forward("14:00")
    sign_in_again(page, "desk.01")
    expect(page.locator("#text")).to_have_value("Late by an hour")
    expect(page.locator("#notice")).to_contain_text("What you typed is here again")


def test_an_autosave_that_meets_the_end_loses_nothing(enter: Enter, portal: Portal):
    address = in_call(portal, "9000000062", "1000186")
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(address)
    doctor.fill(diagnosis="Migraine")
    is_saved(doctor.page)
    doctor.fill(advice="Dark room")  # not sent before ten seconds are over
    change_sign_ins(portal, "ended_at", datetime.now(UTC))
    sign_in_again(doctor.page, "dr.eye1")
    expect(doctor.page.locator("#diagnosis")).to_have_value("Migraine")
    expect(doctor.page.locator("#advice")).to_have_value("Dark room")
    doctor.complaints = [line for line in doctor.complaints if "401" not in line]
