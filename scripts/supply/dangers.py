"""Search the code for what is dangerous (bandit): what is of medium weight and up, and not marked where it stands.

    python -m scripts.supply.dangers [ROOT]

ruff has most of the same rules, in `make check`; a mark `noqa: S608` with its reason counts for both.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("portal", "plugins", "scripts", "deploy")
# A migration is generated and never changed, so it has no marks: its SQL is constant, with the engine's placeholder.
CONSTANT = {("portal/migrations/0009_audit_seals.py", "B608")}


def find_dangers(root: Path = ROOT) -> list[str]:
    """Say what bandit finds, one line each."""
    there = [name for name in FOLDERS if (root / name).is_dir()]
    command = [
        sys.executable,
        "-m",
        "bandit",
        "--quiet",
        "--recursive",
        "--severity-level",
        "medium",
        "--format",
        "json",
    ]
    told = subprocess.run([*command, *there], cwd=root, capture_output=True, check=False, text=True)
    report = json.loads(told.stdout)
    broken = [f"{each['filename']}: {each['reason']}" for each in report["errors"]]
    found = [each for each in report["results"] if not _is_marked(root, each)]
    return broken + [
        f"{each['filename']}:{each['line_number']}: {each['issue_text']} ({each['test_id']})"
        for each in found
        if (each["filename"], each["test_id"]) not in CONSTANT
    ]


def _is_marked(root: Path, found: dict[str, Any]) -> bool:
    """Is the statement, or the line before or after it, marked with ruff's name of the same rule?"""
    lines = (root / found["filename"]).read_text("utf-8").splitlines()
    first, last = min(found["line_range"]), max(found["line_range"])
    mark = re.compile(rf"noqa:[^#]*\bS{found['test_id'][1:]}\b")
    return any(mark.search(line) for line in lines[max(first - 2, 0) : last + 1])


def main() -> None:
    """Print what is dangerous; exit 1 when something is."""
    found = find_dangers(Path(sys.argv[1]) if sys.argv[1:] else ROOT)
    print("\n".join(found) or f"Dangerous code: none in {', '.join(FOLDERS)}.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
