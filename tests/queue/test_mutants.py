"""Do the tests bite? Each planted bug is caught on its day; without it the same day passes."""

from pathlib import Path

import pytest

from tests.databases import Engine
from tests.queue import invariants
from tests.queue.machine import START
from tests.queue.model import Model
from tests.queue.mutants import MUTANTS, Mutant
from tests.queue.mutants_of_time import MUTANTS_OF_TIME
from tests.queue.world import World

ALL = MUTANTS | MUTANTS_OF_TIME
# Which invariant of safety.md sees the bug; the others are seen by the rules as the model has them.
SEEN_BY = {
    "the number is counted from open tokens": "Q1",
    "a second token for one person": "Q10",
    "a busy doctor calls another patient": "Q9",
    "a doctor who is off duty calls": "Q11",
    "a dead doctor's page holds the patient": "Q31",
    "a call never lapses": "Q35",
    "people wait in a closed session": "Q14",
    "a final state is left": "Q10",
    "a change without its event": "Q25",
    "a change without its history": "Q6",
    "history is overwritten": "Q12",
    "priority starves the others": "Q17",
    "the last one comes first": "Q16",
    "absent people are called": "Q16",
    "tokens after closing time": "Q15",
    "a doctor leaves with a patient": "Q11",
    "the doctor is kept after a missed call": "Q8",
    "the key of a finished visit is kept": "Q10",
    "who is sent on stands last": "Q19",
    "undo does not say what it undoes": "Q7",
    "emergencies without end": "Q18",
    "the line goes by the hosts' clocks": "Q16",
    "overtaking is counted by the hosts' clocks": "Q17",
    "a change and its event are two transactions": "Q25",
    "a call lapses a second late": "Q35",
    "a visit that nobody completes": "Q31",
    "a doctor who has gone takes a patient back": "Q11",
    "a colleague's patient is called again": "Q12",
}


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
            if command == "die":
                watch.died(world, *arguments)
                continue
            expected = model.do(command, world.now, *arguments)
            before = world.mark()
            answered = world.do(command, *arguments)
            watch.answered(command, answered, before == world.mark())
            watch.look(world.now)
            invariants.check(world.now, after_sweep=command == "sweep")
            invariants.check_places(world.now)
            assert answered == expected, f"the rules: {command} was {answered}"
            assert world.state() == model.state(), f"the rules: after {command} they differ"
    finally:
        world.close()


@pytest.mark.parametrize("name", ALL)
def test_without_the_bug_the_day_passes(databases: Engine, tmp_path: Path, name: str) -> None:
    live_through(ALL[name], databases.fresh(tmp_path))


@pytest.mark.parametrize("name", ALL)
def test_the_bug_is_caught(databases: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    ALL[name].plant(monkeypatch)
    with pytest.raises(AssertionError, match=f"^{SEEN_BY.get(name, 'the rules')}[:,]"):
        live_through(ALL[name], databases.fresh(tmp_path))
