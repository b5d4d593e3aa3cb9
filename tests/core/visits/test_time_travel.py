"""Every page at every hour: around midnight, the next morning, at the year's end, on 29 February, before a holiday.

With a visit in every open state no page fails, and none names a wrong day.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal.base import clock as portal_clock
from portal.core.boards import displays
from portal.core.clinic.models import ClinicSession, Holiday
from portal.core.doctors import duty
from portal.core.visits import announcements, attendance, sweeps
from portal.core.visits.attendance import serving
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE, FINAL, READY
from portal.settings.clinic import put
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_duty, make_referral, make_session, make_specialty, make_staff
from tests.factories import make_visit as visit_of
from tests.fakes import Operator, install_plugin, turn_on
from tests.live.polls import Watcher

EVENING = time(23, 50)
MOMENTS = ("23:59", "00:00", "00:01", "00:30", "01:05", "07:30", "10:00", "12:30")
FEW = ("23:59", "00:01", "10:00")
DAYS = {
    "a Monday": date(2026, 11, 30),
    "the year's end": date(2026, 12, 31),
    "28 February": date(2028, 2, 28),
    "29 February": date(2028, 2, 29),
    "before a holiday": date(2027, 1, 25),
    "a Saturday": date(2026, 12, 5),
}
MODES = {
    "around the clock": {"opens_at": "00:00", "closes_at": "23:59", "tokens_from": "00:00", "working_days": "1234567"},
    "evenings": {"opens_at": "16:00", "closes_at": "23:55", "tokens_from": "15:00"},
}
TURN_ON = re.compile(r"Your turn is on (\d+ \w+ \d{4})")
OPENS_ON = re.compile(r"The clinic is closed now. It opens next on (\d+ \w+ \d{4})")
STAFF_PAGES = {
    "doctor": ("/board", "/announcements", "/leave", "/x/esanjeevani_bridge/visits"),
    "medical_officer": ("/referrals", "/referrals/new", "/x/esanjeevani_bridge/referrals"),
    "pharmacist": ("/dispense",),
    "desk": ("/desk", "/announcements", "/x/esanjeevani_bridge/visits"),
    "auditor": ("/admin/audit",),
    "admin": (
        "/admin",
        "/admin/sessions",
        "/admin/holidays",
        "/admin/messages",
        "/leave",
        "/announcements",
        "/admin/displays",
        "/admin/plugins",
        "/x/esanjeevani_bridge/",
        "/x/esanjeevani_bridge/report",
    ),
}


class World:
    """A clinic late in the evening: two doctors on duty, a visit in every state, and a display."""

    def __init__(self, sign_in, clock, day: date, mode: str) -> None:
        self.sign_in, self.clock, self.day = sign_in, clock, day
        Holiday.create(day=date(2027, 1, 26), name="Republic Day")
        for key, value in MODES[mode].items():
            put(key, value)
        for name in ("video_webrtc", "esanjeevani_bridge"):
            turn_on(name)
        self.go_to(day, EVENING)
        start = portal_clock.at_ist(day, time.min)
        ends = start + timedelta(hours=24, seconds=-1) if mode == "around the clock" else start + timedelta(hours=23.9)
        self.session = make_session(opens_at=start, closes_at=ends)
        self.eye = make_session(specialty=make_specialty("eye"), opens_at=start, closes_at=ends)
        self.doctors = {state: make_staff("doctor", username=f"dr.{state}") for state in (*ACTIVE, "free")}
        for doctor in self.doctors.values():
            make_duty(doctor, self.session)
        self.visits = {state: self._visit(state) for state in (*READY, *ACTIVE, *FINAL)}
        self.eye_doctor = make_staff("doctor", specialty=self.eye.specialty)
        self.visits["writing for the eye"] = self._visit("writing", session=self.eye, doctor=self.eye_doctor)
        self.people = {role: make_staff(role) for role in STAFF_PAGES if role != "doctor"}
        self.key = displays.make("Hall", None, [], speaks=False, by=SYSTEM, now=clock.now())
        announcements.announce("late", "", "", None, "120", by=SYSTEM, now=clock.now())

    def _visit(self, state: str, **more) -> Visit:
        person = make_beneficiary()
        more = {"session": self.session, "referral": make_referral(person.entry)} | more
        if state in self.doctors:
            more.setdefault("doctor", self.doctors[state])
        return visit_of(state, beneficiary=person, **more)

    def go_to(self, day: date, at: time) -> datetime:
        """Set the clock, in India's time zone."""
        self.clock.set(portal_clock.at_ist(day, at))
        return self.clock.now()

    def sweep(self, queue) -> None:
        """Run the worker's sweeps and jobs."""
        for each in (sweeps.lapse_calls, sweeps.release_lost, sweeps.complete_forgotten, sweeps.close_sessions):
            each(self.clock.now())
        queue.drain()

    def walk(self) -> None:
        """Open every page of every person."""
        for visit in [Visit.get_by_id(each.id) for each in self.visits.values()]:
            self._patient(visit)
        for doctor in (*self.doctors.values(), self.eye_doctor):
            self._doctor(doctor)
        for role, person in self.people.items():
            for path in STAFF_PAGES[role]:
                self._look(self.sign_in(person), path)
        self._look(self.sign_in(self.people["admin"]), f"/display/{self.key}")

    def _patient(self, visit: Visit) -> None:
        browser = self.sign_in(visit.beneficiary)
        for path in ("/home", "/tokens/new", f"/visits/{visit.uid}"):
            self._look(browser, path)
        for path in (f"/visits/{visit.uid}/room", f"/x/video_webrtc/check/{visit.uid}"):
            assert browser.get(path).status_code in (200, 303, 404, 409, 410), path
        if visit.state not in FINAL:
            watcher = Watcher(browser, f"/visits/{visit.uid}").open()
            for _ in range(2):
                self._true(watcher.poll(), watcher.page)

    def _doctor(self, doctor) -> None:
        browser = self.sign_in(doctor)
        for path in STAFF_PAGES["doctor"]:
            self._look(browser, path)
        for held in Visit.select().where(Visit.doctor == doctor):
            assert held.token in browser.get("/board").text or held.state in FINAL
            self._look(browser, f"/visits/{held.uid}/consult")
            self._look(browser, f"/visits/{held.uid}/steps")
        watcher = Watcher(browser, "/board").open()
        for _ in range(2):
            self._true(watcher.poll(), watcher.page)

    def _look(self, browser, path: str) -> None:
        self._true(browser.get(path), path)

    def _true(self, answer, path: str) -> None:
        """Assert that a page opens and names no past day as a coming one."""
        where = f"{path} at {portal_clock.ist(self.clock.now())}"
        assert answer.status_code in (200, 304), where
        for sentence in (TURN_ON, OPENS_ON):
            for day in sentence.findall(answer.get_data(as_text=True)):
                named = datetime.strptime(day, "%d %b %Y").replace(tzinfo=UTC).date()
                assert named > portal_clock.clinic_day(self.clock.now()), where


@pytest.fixture
def world(sign_in, clock, queue, request):
    mode, name = request.param
    return World(sign_in, clock, DAYS[name], mode)


def moments(day: date, among=MOMENTS):
    for text in among:
        at = time.fromisoformat(text)
        yield (day if at >= EVENING else day + timedelta(days=1)), at


# The rows of these days are read on PostgreSQL too; the other days are the same statements with other values.
ON_BOTH_ENGINES = ("a Monday", "the year's end", "29 February")


def cases(*modes: str):
    return [_case(mode, name) for mode in modes for name in DAYS]


def _case(mode: str, name: str):
    marks = () if name in ON_BOTH_ENGINES else pytest.mark.one_engine
    return pytest.param((mode, name), id=f"{mode}, {name}", marks=marks)


@pytest.mark.parametrize("world", [cases("around the clock")[0], cases("evenings")[4]], indirect=True)
def test_every_page_opens_with_right_dates_at_every_hour(world, queue):
    for day, at in moments(world.day):
        world.go_to(day, at)
        world.walk()
        world.sweep(queue)


@pytest.mark.parametrize("world", [*cases("around the clock")[1:5], cases("evenings")[5]], indirect=True)
def test_every_page_opens_with_right_dates_on_special_days(world, queue):
    for day, at in moments(world.day, FEW):
        world.go_to(day, at)
        world.sweep(queue)
        world.walk()


@pytest.mark.one_engine
@pytest.mark.parametrize("world", cases("around the clock")[:1], indirect=True)
def test_every_page_opens_without_a_worker(world):
    for day, at in moments(world.day):
        world.go_to(day, at)
        world.walk()


@pytest.mark.parametrize("world", cases("around the clock", "evenings")[::6], indirect=True)
def test_after_midnight_waiting_patients_are_on_the_board_and_can_be_called(world, queue):
    now = world.go_to(world.day + timedelta(days=1), time(0, 1))
    world.sweep(queue)
    waits = Visit.get_by_id(world.visits["waiting"].id)
    assert (waits.state, serving(world.session.specialty, now)) == ("waiting", world.session)
    patient = world.sign_in(waits.beneficiary)
    assert "Your turn is on" not in patient.get(f"/visits/{waits.uid}").text
    patient.submit(f"/visits/{waits.uid}/here", page=f"/visits/{waits.uid}")
    doctor = world.sign_in(world.doctors["free"])
    board = doctor.get("/board").text
    assert f'id="ticket-{waits.id}"' in board
    assert "on duty" in board
    called = doctor.submit("/board/next", page="/board")
    assert called.headers["Location"] == f"/visits/{waits.uid}/consult"


@pytest.mark.parametrize("world", cases("around the clock")[:1], indirect=True)
def test_an_around_the_clock_clinic_expires_nobody_at_midnight(world, queue):
    """Visits left after an hour go to the front of today's queue, though the setting carries none at closing."""
    tomorrow = world.day + timedelta(days=1)
    world.go_to(tomorrow, time(1, 5))
    world.sweep(queue)
    waits = Visit.get_by_id(world.visits["waiting"].id)
    assert (waits.state, waits.moved_to.session.day) == ("carried", tomorrow)
    following = waits.moved_to.session
    free = world.doctors["free"]
    assert attendance.duty_state(free, following) == "on"
    patient = world.sign_in(waits.beneficiary)
    assert "Your turn is on" not in patient.get(f"/visits/{waits.moved_to.uid}").text
    assert f'id="ticket-{waits.moved_to_id}"' in world.sign_in(free).get("/board").text


@pytest.mark.parametrize("world", cases("around the clock")[:1], indirect=True)
def test_without_a_doctor_at_midnight_tokens_are_carried_to_the_new_day(world, queue):
    for doctor in world.doctors.values():
        world.go_to(world.day, EVENING)
        Visit.update(state="cancelled", live_key=None).where(Visit.doctor == doctor).execute()
        duty.set_duty(doctor, world.session.specialty, "off", by=SYSTEM, now=world.clock.now())
    tomorrow = world.day + timedelta(days=1)
    world.go_to(tomorrow, time(0, 0, 10))
    world.sweep(queue)
    assert Visit.get_by_id(world.visits["waiting"].id).moved_to.session.day == tomorrow
    assert ClinicSession.get_by_id(world.session.id).closed_at


@pytest.mark.parametrize("world", cases("around the clock")[:1], indirect=True)
def test_a_visit_of_yesterday_can_be_completed_the_next_morning(app, world, queue):
    """Before today's session is created."""
    install_plugin(app, "operator", send_message=Operator().send_message)
    world.go_to(world.day, time(23, 55))
    Visit.update(state="cancelled", live_key=None).where(Visit.session == world.session).execute()
    Visit.update(state="cancelled", live_key=None).where(Visit.id == world.visits["writing for the eye"].id).execute()
    held = world._visit("writing", session=world.eye, doctor=world.eye_doctor)
    world.go_to(world.day + timedelta(days=1), time(8, 0))
    ClinicSession.delete().where(ClinicSession.day > world.day).execute()
    doctor = world.sign_in(world.eye_doctor)
    board = doctor.get("/board")
    assert board.status_code == 200
    assert f"{held.token} (30 Nov 2026)" in board.text
    watcher = Watcher(doctor, "/board").open()
    assert watcher.poll().status_code in (200, 304)
    assert "The doctor has not finished it yet." in world.sign_in(held.beneficiary).get(f"/visits/{held.uid}").text
