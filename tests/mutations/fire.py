"""`python -m tests.mutations.fire`: changes of the edges by a seed; the tests of their room must fail for each.

Edges are views, forms, access, limits, and wherever something is noted or told. The work is done in copies of the
tree, so that a run that is ended leaves nothing behind. A survivor is a question to a reader: a test is missing, the
line is not needed, or the change means the same.
"""

import argparse
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

from tests.mutations.changes import SILENT, Change, changes_of

ROOT = Path(__file__).parents[2]
COPIES = ROOT / "build/mutation/trees"
EDGES = ("portal/web/access.py", "portal/web/forms/*.py", "portal/web/incoming/*.py", "portal/work/throttle.py")
PAGES = ("portal/core/**/views.py", "portal/core/**/*_views.py")
WIDE = (  # what holds for every room
    "tests/test_access.py",
    "tests/core/accounts/test_step_up.py",
    "tests/core/calls/test_short_link_pages.py",
)
ELSEWHERE = {"portal/rekey.py": "tests/test_rekey.py"}  # stands in no room
LIMIT = 600  # seconds, after which a hanging test counts as failed


def edges(root: Path) -> Iterator[Change]:
    """Every change that can be planted at an edge of the tree."""
    whole = {path for pattern in (*EDGES, *PAGES) for path in root.glob(pattern)}
    for path in sorted(root.glob("portal/**/*.py")):
        if path in whole or any(call in path.read_text() for call in SILENT):
            yield from changes_of(path.relative_to(root), root, silent_only=path not in whole)


def survives(change: Change, tree: Path) -> bool:
    """Do all tests of its room, and those that hold for every room, pass over the change?"""
    file = tree / change.path
    code = file.read_text()
    file.write_text(change.applied(code))
    try:
        return not _fails(tree, *_nearest(change, tree), tests_of(change)) and not _fails(tree, *WIDE)
    finally:
        file.write_text(code)


def tests_of(change: Change) -> str:
    """Where the tests of its room stand."""
    return ELSEWHERE.get(str(change.path)) or str(Path("tests", *change.path.parts[1:-1]))


def _nearest(change: Change, tree: Path) -> list[str]:
    """The module's own tests, which come first as they are the likeliest to fail: the rest of the room is long."""
    own = Path(tests_of(change), f"test_{change.path.stem}.py")
    return [str(own)] if (tree / own).exists() else []


def _fails(tree: Path, *tests: str) -> bool:
    command = [ROOT / ".venv/bin/python", "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    line = [*command, "--database", "sqlite", *tests]
    try:
        return subprocess.run(line, cwd=tree, capture_output=True, timeout=LIMIT, check=False).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def copies(count: int) -> list[Path]:
    """Copies of the tracked files as they stand, with the compiled catalogues."""
    shutil.rmtree(COPIES, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    made = [str(path.relative_to(ROOT)) for top in ("portal", "plugins") for path in (ROOT / top).rglob("*.mo")]
    for number in range(count):
        for name in [*listed.splitlines(), *made]:
            target = COPIES / str(number) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return [COPIES / str(number) for number in range(count)]


def by_kind(planted: list[Change], alive: list[bool]) -> Iterator[str]:
    """A line for each kind of change: how many died, how many survive."""
    fates = Counter((change.kind, lives) for change, lives in zip(planted, alive, strict=True))
    for kind in sorted({change.kind for change in planted}):
        yield f"{kind:36}{fates[kind, False]:4} died{fates[kind, True]:4} survive"


def main() -> int:
    """Plant so many, print what became of each as it is known, and at the end how many of each kind died."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--done", type=int, default=0, help="so many of this seed were planted in an earlier run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    told = parser.parse_args()
    free: SimpleQueue[Path] = SimpleQueue()
    for tree in copies(told.workers):
        free.put(tree)
    every = list(edges(ROOT))
    random.Random(told.seed).shuffle(every)  # noqa: S311 dice, not secrets
    planted = list(islice((change for change in every if change.is_python(ROOT)), told.done, told.changes))

    if failing := sorted(tests for tests in {*map(tests_of, planted), *WIDE} if _fails(COPIES / "0", tests)):
        sys.exit(f"These fail without any change, so that they say nothing: {', '.join(failing)}")

    def plant(change: Change) -> bool:
        tree = free.get()
        try:
            lives = survives(change, tree)
        finally:
            free.put(tree)
        print(f"{'survives' if lives else 'dies    '} {change}", flush=True)  # noqa: T201
        return lives

    with ThreadPoolExecutor(told.workers) as pool:
        alive = list(pool.map(plant, planted))
    summary = f"{len(planted)} of {len(every)} changes of the edges, seed {told.seed}: {sum(alive)} survive"
    print(*by_kind(planted, alive), summary, sep="\n")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
