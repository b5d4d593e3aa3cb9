"""`python -m tests.mutations.plant`: each planted fault in a copy of the tree; its test must fail."""

import sys
from pathlib import Path

from tests.mutations.fire import _fails, copies
from tests.mutations.planted import PLANTED, Planted


def survives(fault: Planted, tree: Path) -> bool:
    """Does its test pass over the fault?"""
    file = tree / fault.file
    code = file.read_text()
    file.write_text(code.replace(fault.old, fault.new))
    try:
        return not _fails(tree, fault.test)
    finally:
        file.write_text(code)


def main() -> None:
    """Plant each, or those of the numbers given; exit 1 when one is not noticed."""
    wanted = set(sys.argv[1:])
    (tree,) = copies(1)
    alive = []
    for fault in PLANTED:
        if wanted and fault.number not in wanted:
            continue
        lives = survives(fault, tree)
        print(f"{'NOT NOTICED' if lives else 'noticed':11} {fault.number} {fault.file}: {fault.test}", flush=True)  # noqa: T201
        alive += [fault] if lives else []
    sys.exit(bool(alive))


if __name__ == "__main__":
    main()
