"""Ask a source of advisories about the libraries of the lock (pip-audit, OSV).

    python -m scripts.supply.advisories [URL]

Where the source cannot be reached nothing is known: then it says "not audited", and only a release fails of it.
"""

import json
import subprocess
import sys
import tempfile
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from scripts.supply.parts import LOCK

SOURCE = "https://api.osv.dev/v1/query"
SECONDS = 15


class Outcome(Enum):
    """What an audit came to."""

    CLEAN = "clean"
    FOUND = "found"
    NOT_AUDITED = "not audited"


class Audit(NamedTuple):
    """The outcome and its sentences: what was found, or why nothing is known."""

    outcome: Outcome
    lines: list[str]


def audit(lock: Path = LOCK, source: str = SOURCE) -> Audit:
    """Ask about each library of the lock, in the version and from the hashes that it pins."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", str(SECONDS)]
        options += ["--vulnerability-service", "osv", "--osv-url", source, "--format", "json"]
        told = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--requirement", str(lock), *options, "--output", str(report)],
            capture_output=True,
            check=False,
            text=True,
        )
        asked = json.loads(report.read_text("utf-8"))["dependencies"] if report.exists() else []
    if not asked or any("skip_reason" in each for each in asked):
        why = told.stderr.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        return Audit(Outcome.NOT_AUDITED, [f"not audited: {source} gave no answer ({why[0][:200]})"])
    found = [
        f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for each in asked
        for known in each["vulns"]
    ]
    return Audit(Outcome.FOUND if found else Outcome.CLEAN, found or [f"Advisories: none for {len(asked)} libraries."])


def main() -> None:
    """Print what is known; exit 1 for an advisory. Not audited is no failure here."""
    known = audit(source=sys.argv[1] if sys.argv[1:] else SOURCE)
    print("\n".join(known.lines))
    sys.exit(known.outcome is Outcome.FOUND)


if __name__ == "__main__":
    main()
