"""Jobs, sweeps and listeners go by their names: a second one of a name would silently take the place of the first."""

import pytest

from portal.work import events, jobs
from portal.work.names import NameTaken
from tests.fakes import ThingHappened


@pytest.fixture(autouse=True)
def own_registers(monkeypatch):
    """Registers of this test: what it registers is gone after it."""
    monkeypatch.setattr(jobs, "JOBS", {})
    monkeypatch.setattr(jobs, "_lanes", {})
    monkeypatch.setattr(jobs, "SWEEPS", [])
    monkeypatch.setattr(events, "_listeners", {})


def named(name, module):
    """A function as a module of this name would define it."""

    def function(row_id, now):
        return None

    function.__name__, function.__module__ = name, module
    return function


FIRST, SECOND = named("send", "portal.core.a.b"), named("send", "portal.core.c.d")
BOTH = "portal.core.a.b and in portal.core.c.d"


@pytest.mark.parametrize("register", [jobs.job, jobs.in_lane("files")])
def test_a_second_job_of_one_name_is_refused_and_the_first_stays(register):
    jobs.job(FIRST)
    with pytest.raises(NameTaken, match=f"Two jobs are called send, in {BOTH}: give one of them another name"):
        register(SECOND)
    assert (jobs.JOBS, jobs.lane_of("send")) == ({"send": FIRST}, "main")


@pytest.mark.parametrize("second", [FIRST, SECOND])
def test_a_second_sweep_of_one_name_is_refused_also_when_it_is_the_same_function(second):
    jobs.sweep(every=1)(FIRST)
    with pytest.raises(NameTaken, match="Two sweeps are called send"):
        jobs.sweep(every=5)(second)
    assert [sweep.every for sweep in jobs.SWEEPS] == [1]


def test_a_second_listener_of_one_room_and_name_is_refused():
    """Deliveries are counted by room and name: the second would count as heard when the first is."""
    events.listener(ThingHappened)(FIRST)
    with pytest.raises(NameTaken, match=r"Two listeners of ThingHappened are called a\.send"):
        events.listener(ThingHappened)(named("send", "portal.core.a.c"))


def test_rooms_may_name_their_listeners_alike():
    for function in (FIRST, SECOND):
        events.listener(ThingHappened)(function)
    assert set(events._listeners["ThingHappened"]) == {"a.send", "c.send"}
