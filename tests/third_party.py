"""The third-party example plugins, installed as an operator would."""

import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

EXAMPLE = ROOT / "examples" / "paramarsh-email"
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/*/pyproject.toml"))


def install_example(folder: Path, example: Path = EXAMPLE) -> Path:
    """`pip install` it from a copy (a build leaves files behind); return the folder."""
    copy, site = folder / example.name, folder / "site"
    for path in example.rglob("*"):
        if path.is_file() and not {"__pycache__", "build"} & set(path.parts):
            target = copy / path.relative_to(example)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, copy], check=True, timeout=300)
    return site
