"""Each mutant (planted bug) is caught by its commands, which pass without it."""

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
# The invariant of safety.md that catches the mutant; the others are caught by comparison with the model.
CAUGHT_BY = {
    "the number is counted from open tokens": "Q1",
    "a second token for one person": "Q10",
    "a busy doctor calls another patient": "Q9",
    "a doctor who is off duty calls": "Q11",
    "a lease never expires": "Q31",
    "a call never expires": "Q35",
    "visits wait in a closed session": "Q14",
    "a final state is left": "Q10",
    "a change without its event": "Q25",
    "a change without its history": "Q6",
    "history is overwritten": "Q12",
    "a call is not in the history": "Q13",
    "a token changes its priority": "Q3",
    "priority starves the others": "Q17",
    "the queue is last in, first out": "Q16",
    "absent patients are called": "Q16",
    "tokens after closing time": "Q15",
    "a doctor leaves with a patient": "Q11",
    "the doctor is kept after a missed call": "Q8",
    "a final visit keeps its live key": "Q10",
    "a transferred visit loses its place": "Q19",
    "an undo does not reference the undone step": "Q7",
    "emergency calls without limit": "Q18",
    "the order depends on the hosts' clocks": "Q16",
    "overtaking depends on the hosts' clocks": "Q17",
    "a change and its event are two transactions": "Q25",
    "a call expires a second late": "Q35",
    "a visit is left in writing for ever": "Q31",
    "a doctor off duty undoes a step": "Q11",
    "a colleague's patient is called again": "Q12",
}


def run_commands(mutant: Mutant, url: str) -> None:
    """Run a mutant's commands on portal and model; AssertionError where they differ or an invariant breaks."""
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
            before = world.rows()
            answered = world.do(command, *arguments)
            watch.answered(command, answered, before == world.rows())
            watch.look(world.now)
            invariants.check(world.now, after_sweep=command == "sweep")
            invariants.check_places(world.now)
            assert answered == expected, f"the rules: {command} was {answered}"
            assert world.state() == model.state(), f"the rules: after {command} they differ"
    finally:
        world.close()


@pytest.mark.parametrize("name", ALL)
def test_without_the_bug_the_commands_pass(databases: Engine, tmp_path: Path, name: str) -> None:
    run_commands(ALL[name], databases.fresh(tmp_path))


@pytest.mark.parametrize("name", ALL)
def test_the_bug_is_caught(databases: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    ALL[name].plant(monkeypatch)
    with pytest.raises(AssertionError, match=f"^{CAUGHT_BY.get(name, 'the rules')}[:,]"):
        run_commands(ALL[name], databases.fresh(tmp_path))
