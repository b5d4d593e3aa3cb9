"""Loading a queue into the cache: reloaded only where it changed, never older than the rows it has read."""

import pytest

from portal.core.boards import patient_status
from portal.core.clinic.models import ClinicSession, bump
from portal.core.doctors import duty
from portal.core.visits import calling, services
from portal.core.visits.models import Visit
from portal.live.loading import LOAD_EVERY, REUSED_WHILE, Reading, Unchanged, load
from portal.work.audit import Actor
from tests.factories import make_session, make_staff, make_visit
from tests.on_duty import doctor as doctor


@pytest.fixture
def read(db, clock):
    """read(session=None, before=None) → the queue as a process loads it, the session's row first."""

    def read_once(session=None, before=None):
        return load(session or ClinicSession.get(), before, clock.now())

    return read_once


def seen(visit, doctor, clock):
    Visit.update(here_until=clock.tick(3)).where(Visit.id == visit.id).execute()


def call(visit, doctor, clock):
    calling.call_next(doctor, visit.session, by=Actor("staff", doctor.uid), now=clock.tick(1))


def give_up(visit, doctor, clock):
    services.cancel(visit, by=Actor("account", visit.beneficiary.account.uid), now=clock.tick(1))


def pause(visit, doctor, clock):
    duty.set_duty(doctor, doctor.specialty, "break10", by=Actor("staff", doctor.uid), now=clock.tick(1))


def let_time_pass(visit, doctor, clock):
    clock.tick(LOAD_EVERY.total_seconds())


def let_nothing_happen(visit, doctor, clock):
    clock.tick(1)


def raise_the_version(visit, doctor, clock):
    bump(visit.session)


BY_TIME = {"loaded_at", "pace", "expected", "closed", "duties", "files", "news"}
BY_VERSION = {"said", "files", "news", "page_cache"}
BY_MOVES = BY_VERSION | {"account_of", "accounts", "endings"}


@pytest.mark.parametrize(
    ("happens", "stale"),
    [
        (let_nothing_happen, set()),
        (seen, {"page_cache"}),
        (let_time_pass, BY_TIME),
        (raise_the_version, BY_VERSION),
        (pause, BY_VERSION | {"duties", "expected"}),
        (give_up, BY_MOVES),
        (call, BY_MOVES | {"last"}),
    ],
)
def test_each_change_makes_these_parts_stale_and_no_others(doctor, read, clock, happens, stale):
    visit = make_visit()
    before = read()
    happens(visit, doctor, clock)
    unchanged = Reading(ClinicSession.get(), before, clock.now()).unchanged
    assert {part for part, needed in REUSED_WHILE.items() if not needed <= unchanged} == stale


@pytest.mark.parametrize("part", ["accounts", "endings", "last", "said", "news", "files", "duties"])
def test_a_part_is_reused_while_it_cannot_be_stale_and_loaded_again_when_it_may_be(doctor, read, clock, part):
    make_visit()
    before = read()
    call(Visit.get(), doctor, clock)
    reading = Reading(ClinicSession.get(), before, clock.now())
    reading.unchanged = set(REUSED_WHILE[part])
    assert getattr(reading, part) is getattr(before, part)
    for fact in REUSED_WHILE[part]:
        reading = Reading(ClinicSession.get(), before, clock.now())
        reading.unchanged = set(Unchanged) - {fact}
        assert getattr(reading, part) is not getattr(before, part)


def test_the_first_reading_reuses_nothing(doctor, clock):
    assert Reading(ClinicSession.get(), None, clock.now()).unchanged == set()


def test_a_step_taken_while_the_queue_is_being_loaded_is_shown(doctor, read, clock):
    make_visit()
    first, early = read(), ClinicSession.get()
    called = calling.call_next(doctor, make_session(), by=Actor("staff", doctor.uid), now=clock.tick(1))
    halfway = read(early, first)  # an old version beside new rows
    told = read(before=halfway).news.steps
    assert [(line.visit.id, line.action) for line in told] == [(called.id, "next")]


def test_only_visits_that_have_moved_are_loaded_again(doctor, read, clock):
    make_visit()
    other = make_visit()
    before = read()
    calling.call_next(doctor, make_session(), by=Actor("staff", doctor.uid), now=clock.tick(1))
    after = read(before=before)
    changed = {key for key, visit in after.visits.items() if visit is not before.visits[key]}
    assert changed == set(before.visits) - {other.id}
    assert (before.ahead[other.id], after.ahead[other.id]) == (1, 0)


def test_a_touch_of_presence_leaves_news_and_accounts_cached(read, clock):
    visit = make_visit()
    before = read()
    Visit.update(here_until=clock.tick(3)).where(Visit.id == visit.id).execute()
    after = read(before=before)
    assert (after.news is before.news, after.accounts is before.accounts) == (True, True)
    assert after.visits[visit.id].here_until == clock.now()


def test_a_cancelled_visit_no_longer_counts_as_waiting(read, clock):
    visit = make_visit()
    before = read()
    services.cancel(visit, by=Actor("account", visit.beneficiary.account.uid), now=clock.tick(1))
    after = read(before=before)
    assert (len(before.accounts), len(after.accounts)) == (1, 0)
    assert after.endings[visit.id].kind == "cancelled"


def test_a_change_of_duty_leaves_the_visits_cached(doctor, read, clock):
    make_visit()
    before = read()
    duty.set_duty(doctor, doctor.specialty, "break10", by=Actor("staff", doctor.uid), now=clock.tick(1))
    after = read(before=before)
    assert [row.state for row in after.present] == ["break10"]
    assert all(visit is before.visits[key] for key, visit in after.visits.items())


def test_the_wait_before_opening_is_the_same_from_the_cache_and_from_the_database(read, clock):
    make_staff(), make_staff()
    make_visit()
    visit = make_visit()
    clock.tick(-3600)
    queue = read()
    polled = patient_status.status(visit, clock.now(), queue.place(queue.visits[visit.id]))
    assert queue.expected == 2
    assert polled == patient_status.status(visit, clock.now())
