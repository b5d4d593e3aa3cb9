"""One consultation in two windows of a browser: nothing is wiped, nothing is lost, no window trips over itself."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Dialog, Page, Request, Route, expect

from tests.day import cast
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal

# A family for each language: somebody older than seventy, who needs no referral.
FAMILIES = {"en": ("9000000060", "1000180"), "hi": ("9000000061", "1000183")}
TYPIST = ("9000000063", "1000189")
ANOTHER = ("9000000062", "1000186")
ENDED = ("9000000067", "1000201")
LAST = ("9000000065", "1000195")
STATED = ("9000000066", "1000198")


def in_call(portal: Portal, mobile: str, ben_id: str) -> str:
    """The address of a consultation that has just begun."""
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    visit = cast.ask_for_token(patient, specialty="eye")
    board = Reader(portal.url).sign_in_as_staff("dr.eye1").open("/board")
    if board.has_button("On duty"):
        board.press("On duty")
    board.open("/board").press("Call next")
    patient.open(f"/visits/{visit}").press("Call now", follow=False)
    return f"/visits/{visit}/consult"


def is_saved(page: Page) -> None:
    """Everything typed is on the server."""
    expect(page.locator("#consult-form:not([data-unsaved])")).to_have_count(1)


def wipe_nothing(older: Page) -> None:
    """The older window reads that it saves nothing, keeps what was typed, and asks before it is left."""
    older.locator("#complaints").press("x")
    expect(older.locator("#saved .refused")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    older.on("dialog", stay)
    with older.expect_event("dialog"):
        older.evaluate("setTimeout(() => location.assign('/board'), 0)")
    assert asked == ["beforeunload"]
    older.remove_listener("dialog", stay)
    expect(older.locator("#complaints")).to_have_value("x")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_two_windows_of_one_consultation(enter: Enter, portal, language):
    address = in_call(portal, *FAMILIES[language])
    doctor = enter("doctor", language, is_desktop=True).sign_in_as_staff("dr.eye1")
    newer, older = doctor.open(address).page, doctor.context.new_page()
    older.goto(address)
    save_in_flight(doctor, address)
    wipe_nothing(older)
    newer.close()
    doctor.page = older
    doctor.press("Save draft")
    expect(older.locator("#changed-form")).to_be_visible()
    doctor.look("two-texts")
    for kept in older.locator("#changed-form input[value='stored']").all():
        kept.check()
    doctor.press("Save what is chosen")
    expect(older.locator("#diagnosis")).to_have_value("Migraine")
    expect(older.locator("#advice")).to_have_value("Dark room")
    end(doctor)
    expected = [line for line in doctor.complaints if "409" in line or "422" in line]
    doctor.complaints = [line for line in doctor.complaints if line not in expected]


def save_in_flight(doctor: Person, address: str) -> None:
    """A button pressed while the page saves by itself waits for that, and is no older than it."""
    page, held, sent = doctor.page, list[Route](), list[Request]()

    def hold(route: Route) -> None:
        if route.request.method != "POST" or held:
            route.fallback()
        else:
            held.append(route)

    page.route(f"**{address}", hold)
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith(address)):
        doctor.fill(diagnosis="Migraine")
    doctor.fill(advice="Dark room", vitals__systolic="130/80", icd10="diab").press("Save draft")
    saves = [request for request in sent if request.url.endswith(address)]
    assert len(saves) == 1, "the second waits for the first"
    held[0].continue_()
    is_saved(page)
    expect(page.locator("input[name='version']")).to_have_value("2")
    expect(page.locator("#vitals-diastolic")).to_have_value("80")
    expect(page.locator("#icd10-error")).to_be_visible()
    doctor.look("marked")


def end(doctor: Person) -> None:
    """What lacks is named at its field; one key ticks both; then it is issued, and the doctor is free again."""
    page = doctor.page
    doctor.fill(icd10="", items__0__drug="Paracetamol", items__0__quantity="ten")
    page.keyboard.press("Alt+a")
    expect(page.locator("#identity")).to_be_checked()
    expect(page.locator("#age")).to_be_checked()
    page.keyboard.press("Alt+i")
    expect(page.locator("#items-0-dose-error")).to_be_visible()
    expect(page.locator("#items-0-quantity")).to_have_value("ten")
    doctor.look("lacking")
    doctor.fill(items__0__form="tablet", items__0__strength="500 mg", items__0__dose="1")
    doctor.fill(items__0__frequency="BD", items__0__duration_days="30", items__0__quantity="60")
    page.keyboard.press("Alt+i")
    expect(doctor.button("Complete")).to_be_visible()
    doctor.press("Complete")
    page.wait_for_url("**/board")


def test_a_saving_that_waited_behind_the_issuing_is_not_sent_to_notes_that_are_closed(enter: Enter, portal: Portal):
    address = in_call(portal, *ANOTHER)
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(address)
    page, held, sent = doctor.page, list[Route](), list[str]()
    page.route(
        "**/visits/**", lambda route: held.append(route) if "prescription" in route.request.url else route.fallback()
    )
    doctor.fill(complaints="Red eye", diagnosis="Dry eye", items__0__drug="Paracetamol", items__0__form="tablet")
    doctor.fill(items__0__strength="500 mg", items__0__dose="1", items__0__frequency="BD")
    doctor.fill(items__0__duration_days="30", items__0__quantity="60").press("I asked both").press("Save draft")
    is_saved(page)
    with page.expect_request("**/prescription"):
        doctor.press("Issue prescription")
    page.evaluate("document.querySelector('#consult-form [data-key=s]').click()")  # as the ten seconds' timer does
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    held[0].continue_()
    expect(doctor.button("Complete")).to_be_visible()
    doctor.press("Complete")
    page.wait_for_url("**/board")
    assert [url for url in sent if url.endswith(address)] == []


def test_a_poll_that_learns_of_the_end_leads_nobody_away_from_the_board(enter: Enter, portal: Portal):
    address = in_call(portal, *LAST)
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(address)
    page, held = doctor.page, list[Route]()
    doctor.fill(complaints="Red eye", diagnosis="Dry eye", advice="Blink often")
    doctor.press("I asked both").press("Issue prescription")
    expect(doctor.button("Complete")).to_be_visible()
    page.route("**/complete", lambda route: held.append(route))  # noqa: PLW0108 the library writes into what it calls
    with page.expect_request("**/complete"):
        doctor.button("Complete").click(no_wait_after=True)
    with page.expect_response(lambda answer: "hx-redirect" in answer.headers):  # done, and the answer is on its way
        Reader(portal.url).sign_in_as_staff("dr.eye1").open(address).press("Complete")
    held[0].fulfill(status=303, headers={"Location": "/board"})
    page.wait_for_url("**/board")
    expect(doctor.button("Call next").or_(page.get_by_text("On duty")).first).to_be_visible()


def test_a_mode_that_is_chosen_and_not_yet_saved_outlives_the_poll_of_the_call_log(enter: Enter, portal: Portal):
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(in_call(portal, *STATED))
    page = doctor.page
    page.route(  # the log is new at each poll
        "**/consult?part=log*",
        lambda route: route.continue_(url=re.sub(r"seen=[^&]*", "seen=none", route.request.url)),
    )
    expect(page.locator("#mode")).to_have_value("")
    doctor.press("I asked both")  # this saving puts the next one off by ten seconds
    is_saved(page)
    page.locator("#mode").select_option("video")
    with page.expect_response("**/consult?part=log*"):
        pass
    page.wait_for_timeout(300)
    expect(page.locator("#mode")).to_have_value("video")
    is_saved(page)
    page.reload()
    expect(page.locator("#mode")).to_have_value("video")
    end(doctor.fill(diagnosis="Glaucoma"))
    doctor.complaints = [line for line in doctor.complaints if "422" not in line]


def test_a_box_that_the_mouse_enters_is_not_filled_in_under_what_is_typed(enter: Enter, portal: Portal):
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(in_call(portal, *TYPIST))
    page = doctor.page
    row = {"form": "drops", "strength": "0.25 %", "frequency": "OD"}
    for part, typed in row.items():
        doctor.fill(**dict.fromkeys((f"items__0__{name}" for name in ("drug", *row)), ""))
        type_into(page, "#items-0-drug", "Timolol")
        page.keyboard.press("Escape")  # the list of medicines lies over the boxes below
        type_into(page, f"#items-0-{part}", typed)
        expect(page.locator(f"#items-0-{part}")).to_have_value(typed)
    expect(page.locator("#items-0-form")).to_have_value("eye drops")
    type_over_what_was_filled_in(doctor)
    type_into(page, "#vitals-systolic", "130/80")
    type_into(page, "#vitals-diastolic", "80")
    expect(page.locator("#vitals-diastolic")).to_have_value("80")
    end(doctor.fill(diagnosis="Glaucoma"))
    doctor.complaints = [line for line in doctor.complaints if "422" not in line]


def type_over_what_was_filled_in(doctor: Person) -> None:
    """The first letter replaces what came from the list; behind a moved cursor it is added to."""
    page = doctor.page
    for key, expected in (("", "TDS"), ("End", "BDTDS")):
        doctor.fill(**dict.fromkeys((f"items__0__{name}" for name in ("drug", "form", "strength", "frequency")), ""))
        type_into(page, "#items-0-drug", "Timolol")
        page.keyboard.press("Escape")
        page.locator("#items-0-instructions").focus()
        expect(page.locator("#items-0-frequency")).to_have_value("BD")
        page.locator("#items-0-frequency").click()
        if key:
            page.keyboard.press(key)
        page.keyboard.type("TDS")
        expect(page.locator("#items-0-frequency")).to_have_value(expected)
    doctor.fill(items__0__frequency="OD", items__0__form="eye drops", items__0__strength="0.25 %")


def type_into(page: Page, box: str, text: str) -> None:
    """Click with the mouse, then type, as fast as a machine."""
    page.locator(box).click()
    page.keyboard.type(text)


def test_a_window_whose_consultation_was_ended_elsewhere_says_so_and_asks_no_more(enter: Enter, portal: Portal):
    address = in_call(portal, *ENDED)
    doctor = enter("doctor", "en", is_desktop=True).sign_in_as_staff("dr.eye1").open(address)
    page, asked = doctor.page, []
    uid = address.split("/")[2]
    with closing(sqlite3.connect(portal.data_dir / "portal.db", timeout=10)) as database, database:
        database.execute("UPDATE visit SET state = 'cancelled', doctor_id = NULL WHERE uid = ?", (uid,))
    expect(page.locator("#call > [role=alert]")).to_be_visible(timeout=60_000)
    expect(page.locator("#call-log")).to_be_hidden()
    page.wait_for_timeout(6000)  # longer than the time between two polls of anything: each has been told
    page.on("request", lambda request: asked.append(request.url) if uid in request.url else None)
    page.wait_for_timeout(6000)
    assert asked == []
    doctor.complaints = [line for line in doctor.complaints if "404" not in line]
    doctor.shoot("ended-elsewhere")
