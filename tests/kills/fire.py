"""`python -m tests.kills.fire`: whole journeys under random SIGKILLs by seed, then the audit."""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.kills.doctors import consult
from tests.kills.journeys import DOCTORS, Clinic, Patient, journey, patients
from tests.kills.nodes import Nodes
from tests.kills.rig import FEW, MANY, TARGETS, Engine, Rig, running_rig
from tests.servers import ROOT, complaints

AT_ONCE, AT_ONCE_OF_A_FEW = 4, 2  # patients
QUIET, DARK = (0.2, 1.6), (0.0, 0.8)  # seconds between kills, and before a restart
STORES_AWAY = ("OperationalError", "InterfaceError", "redis.exceptions.ConnectionError", "redis/connection.py")
CAUSED_HERE = (*STORES_AWAY, "ChildFailed: killed by SIGKILL")  # the last is a printer shot at its work: tried again
SAID = 2000  # characters of a log shown
A_FEW = 40  # kills for which the demo's families suffice
TWO_AT_ONCE = 0.2  # probability of a second kill with the first


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run. `back`: seconds from a restart to a ready portal; `faults`: what was lost or duplicated."""

    killed: dict[str, int]
    gave_up: dict[str, int]
    seconds: float
    back: list[float]
    found: dict[str, int]
    faults: list[str]

    def __str__(self) -> str:
        killed = ", ".join(f"{count} {name}" for name, count in sorted(self.killed.items()))
        found = ", ".join(f"{count} {what}" for what, count in self.found.items())
        end = "; ".join(self.faults) or "nothing lost, nothing doubled"
        back = f"ready again after {median(self.back):.1f} s at the median, {max(self.back):.1f} s at most"
        return f"{sum(self.killed.values())} kills in {self.seconds:.0f} s ({killed}), {back}: {found}; {end}"


def under_fire(engine: Engine, kills: int, seed: int, folder: Path) -> Outcome:
    """Run with so many kills. Every journey is finished; then the processes stop and the audit runs."""
    began, dice = time.monotonic(), random.Random(seed)  # noqa: S311 dice, not secrets
    make = Nodes if engine == "nodes" else None
    with running_rig(engine, folder, FEW if kills < A_FEW else MANY, make) as rig:
        clinic = Clinic(rig)
        back = _live(clinic, kills, dice)
        ledger = folder / "ledger.json"
        unsettled = _audited(rig, "settle")  # first: the worker may still send
        clinic.ledger.save(ledger, rig.gateway, rig.killed.total())
        found: dict[str, Any] = _audited(rig, str(ledger))
        rig.wait_for_orphans()
        faults = [*unsettled, *found["faults"], *_hard_ends(rig), *_unexplained(rig)]
    return Outcome(dict(rig.killed), dict(rig.gave_up), time.monotonic() - began, back, found["found"], faults)


def _live(clinic: Clinic, kills: int, dice: random.Random) -> list[float]:
    """Run patients and doctors with kills; return how long each restart took. A failed journey ends the run."""
    queue = patients(clinic.rig.people)
    at_once = AT_ONCE_OF_A_FEW if kills < A_FEW else AT_ONCE
    with ThreadPoolExecutor(at_once + len(DOCTORS)) as crowd:
        doctors = [crowd.submit(consult, clinic, name) for name in DOCTORS]
        people = [crowd.submit(_repeat_journeys, clinic, queue) for _ in range(at_once)]
        try:
            back = _kill_targets(clinic, kills, dice, [*doctors, *people])
            clinic.is_closing.set()
            for one in people:
                one.result()
        finally:
            clinic.is_closing.set()
            clinic.is_over.set()
        for one in doctors:
            one.result()
    return back


def _repeat_journeys(clinic: Clinic, queue: Iterator[Patient]) -> None:
    journey(clinic, next(queue))
    while not clinic.is_closing.is_set():
        journey(clinic, next(queue))


def _kill_targets(clinic: Clinic, kills: int, dice: random.Random, people: "list[Future[None]]") -> list[float]:
    """Kill the targets in random order, each once per round."""
    rig, deck, back = clinic.rig, list[str](), list[float]()
    while rig.killed.total() < kills:
        time.sleep(dice.uniform(*QUIET))
        deck = deck if len(deck) > 1 else deck + dice.sample(TARGETS[rig.engine], len(TARGETS[rig.engine]))
        fallen = dict.fromkeys(deck.pop(0) for _ in range(2 if dice.random() < TWO_AT_ONCE else 1))
        raising = [rig.kill(target) for target in fallen]
        time.sleep(dice.uniform(*DARK))
        began = time.monotonic()
        for start in raising:
            start()
        rig.wait_until_ready()
        back.append(time.monotonic() - began)
        if failed := [one for one in people if one.done() and one.exception()]:
            failed[0].result()
    return back


def _audited(rig: Rig, what: str) -> Any:
    """Run one step of the audit in its own process, on the running deployment."""
    line = [sys.executable, "-m", "tests.kills.audit", what]
    done = subprocess.run(line, env=rig.portal.environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def _hard_ends(rig: Rig) -> list[str]:
    """List processes with a non-zero exit code, with the end of their logs."""
    ends = [
        (name, code, "".join(one.log(name.partition(" ")[0])[-SAID:] for one in rig.portals()))
        for name, code in rig.stop().items()
        if code
    ]
    return [f"{name} ended with {code}: {said}" for name, code, said in ends]


def _unexplained(rig: Rig) -> list[str]:
    """List errors in the logs, except those of killed databases and printers."""
    lines = [line for portal in rig.portals() for line in complaints(portal)]
    found = [line for line in lines if not line.startswith("Traceback")] + _tracebacks(rig)
    return [text[:2000] for text in found if not any(word in text for word in CAUSED_HERE)]


def _tracebacks(rig: Rig) -> list[str]:
    """Extract tracebacks from the logs."""
    logs = "".join(portal.log(name) for portal in rig.portals() for name in ("serve", "worker"))
    return re.findall(r"^Traceback.*?^(?=\S)[^\n]*$(?<!\(most recent call last\):)", logs, re.MULTILINE | re.DOTALL)


def main() -> None:
    """Run on both engines, or one; exit 1 when something was lost or duplicated."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills.fire", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--engine", choices=tuple(TARGETS), action="append")
    chosen, failed = parser.parse_args(), False
    for engine in chosen.engine or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            outcome = under_fire(engine, chosen.kills, chosen.seed, Path(folder))
        print(f"{engine}, seed {chosen.seed}: {outcome}", flush=True)  # noqa: T201
        failed = failed or bool(outcome.faults)
    sys.exit(failed)


if __name__ == "__main__":
    main()
