"""Do the tests bite? Each planted bug is caught on its day; without it the same day passes."""

from pathlib import Path

import pytest

from tests.databases import Engine
from tests.queue import invariants
from tests.queue.machine import START
from tests.queue.model import Model
from tests.queue.mutants import MUTANTS, Mutant
from tests.queue.world import World


def live_through(mutant: Mutant, url: str) -> None:
    """The mutant's day on portal and model at once; AssertionError where they part or an invariant breaks."""
    clinic = {"specialties": mutant.specialties, "doctors": mutant.doctors, "quota": mutant.quota}
    clinic |= {"priority": list(mutant.priority), "carries": mutant.carries}
    world, model, watch = World(url, START, **clinic), Model(**clinic), invariants.Watch()
    try:
        for command, *arguments in mutant.day:
            if command == "tick":
                world.tick(*arguments)
                continue
            expected = model.do(command, world.now, *arguments)
            before = world.state()
            answered = world.do(command, *arguments)
            assert answered == expected, command
            assert world.state() == model.state()
            watch.answered(command, answered, before == world.state())
            watch.look(world.now)
            invariants.check(world.now, after_sweep=command == "sweep")
            invariants.check_places(world.now)
    finally:
        world.close()


@pytest.mark.parametrize("name", MUTANTS)
def test_without_the_bug_the_day_passes(databases: Engine, tmp_path: Path, name: str) -> None:
    live_through(MUTANTS[name], databases.fresh(tmp_path))


@pytest.mark.parametrize("name", MUTANTS)
def test_the_bug_is_caught(databases: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    MUTANTS[name].plant(monkeypatch)
    with pytest.raises(AssertionError):
        live_through(MUTANTS[name], databases.fresh(tmp_path))
