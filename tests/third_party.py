"""The third-party example plugin, installed as an operator would."""

import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

EXAMPLE = ROOT / "examples" / "paramarsh-email"


def install_example(folder: Path) -> Path:
    """`pip install` it from a copy (a build leaves files behind); return the folder."""
    copy, site = folder / "source", folder / "site"
    for path in EXAMPLE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = copy / path.relative_to(EXAMPLE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, copy], check=True, timeout=300)
    return site
