"""Names of jobs, sweeps and listeners are unique: a duplicate would silently replace the first."""

import pytest

from portal.work import events, jobs
from portal.work.names import NameTaken
from tests.fakes import ThingHappened


@pytest.fixture(autouse=True)
def own_registers(monkeypatch):
    """Empty registers for one test."""
    monkeypatch.setattr(jobs, "JOBS", {})
    monkeypatch.setattr(jobs, "_lanes", {})
    monkeypatch.setattr(jobs, "SWEEPS", [])
    monkeypatch.setattr(events, "_listeners", {})


def named(name, module):
    """A function as if defined in this module."""

    def function(row_id, now):
        return None

    function.__name__, function.__module__ = name, module
    return function


FIRST, SECOND = named("send", "portal.core.a.b"), named("send", "portal.core.c.d")
BOTH = "portal.core.a.b and in portal.core.c.d"


@pytest.mark.parametrize("register", [jobs.job, jobs.in_lane("files")])
def test_a_duplicate_job_is_refused_and_the_first_stays(register):
    jobs.job(FIRST)
    with pytest.raises(NameTaken, match=f"Two jobs are called send, in {BOTH}: give one of them another name"):
        register(SECOND)
    assert (jobs.JOBS, jobs.lane_of("send")) == ({"send": FIRST}, "main")


@pytest.mark.parametrize("second", [FIRST, SECOND])
def test_a_duplicate_sweep_is_refused_even_for_the_same_function(second):
    jobs.sweep(every=1)(FIRST)
    with pytest.raises(NameTaken, match="Two sweeps are called send"):
        jobs.sweep(every=5)(second)
    assert [sweep.every for sweep in jobs.SWEEPS] == [1]


def test_a_duplicate_listener_of_a_room_is_refused():
    """Deliveries are keyed by room and name: the second would count as delivered when the first is."""
    events.listener(ThingHappened)(FIRST)
    with pytest.raises(NameTaken, match=r"Two listeners of ThingHappened are called a\.send"):
        events.listener(ThingHappened)(named("send", "portal.core.a.c"))


def test_listeners_of_different_rooms_may_share_a_name():
    for function in (FIRST, SECOND):
        events.listener(ThingHappened)(function)
    assert set(events._listeners["ThingHappened"]) == {"a.send", "c.send"}
