"""What `make supply` runs: licences, secrets, dangerous code, the list of parts, advisories.

python -m scripts.supply.checks
"""

import sys
from pathlib import Path

from scripts.supply import advisories, dangers, leaks, licences
from scripts.supply.bom import bom_text, made_at
from scripts.supply.parts import ROOT, libraries


def check_all(root: Path = ROOT) -> list[str]:
    """Say what is wrong with the tree or with its parts, one line each."""
    found = list(libraries())
    return [
        *licences.problems(found),
        *licences.built_in(found),
        *(f"{leak.file}:{leak.line}: looks like a secret ({leak.kind})" for leak in leaks.find_leaks(root)),
        *dangers.find_dangers(root),
    ]


def main() -> None:
    """Print everything; exit 1 when something is wrong. Not audited is told, and fails a release alone."""
    wrong = check_all()
    known = advisories.audit()
    parts = ROOT / "build" / "sbom.cdx.json"
    parts.parent.mkdir(exist_ok=True)
    parts.write_text(bom_text(libraries(), made_at()), "utf-8")
    print("\n".join([*(wrong or ["Licences, secrets, dangerous code: nothing found."]), *known.lines]))
    print(f"List of parts: {parts.relative_to(ROOT)}")
    sys.exit(bool(wrong) or known.outcome is advisories.Outcome.FOUND)


if __name__ == "__main__":
    main()
