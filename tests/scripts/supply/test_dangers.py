"""Dangerous code is refused: by ruff in `make check`, by bandit in `make supply` and before a release."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.supply.dangers import ROOT, find_dangers

DANGEROUS = {
    "S602": 'import subprocess\n\nsubprocess.run("ls " + input(), shell=True, check=True)\n',
    "S102": 'exec("1")\n',
    "S301": "import pickle\n\npickle.loads(input().encode())\n",
    "S324": 'import hashlib\n\nhashlib.md5(b"x")\n',
    "S608": "def rows(db, name):\n    return db.execute(f\"SELECT * FROM visit WHERE name = '{name}'\")\n",
    "S501": 'import httpx\n\nhttpx.get("https://x.in", verify=False)\n',
    "S110": "try:\n    print()\nexcept Exception:\n    pass\n",
    "BLE001": "try:\n    print()\nexcept Exception:\n    print()\n",
}
NOT_WEIGHED_BY_BANDIT = {"S110", "BLE001"}


@pytest.mark.parametrize("rule", DANGEROUS)
def test_ruff_refuses_dangerous_code_in_the_portal(rule: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--output-format", "concise"]
    told = subprocess.run(
        [*command, "--stdin-filename", "portal/core/visits/new.py", "-"],
        input=DANGEROUS[rule],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert told.returncode == 1
    assert f" {rule} " in told.stdout


def test_bandit_finds_dangerous_code_unless_it_is_marked_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()
    for rule in DANGEROUS.keys() - NOT_WEIGHED_BY_BANDIT:
        code = DANGEROUS[rule]
        (tmp_path / f"portal/{rule}.py").write_text(code)
        lines = code.splitlines()
        lines[-1] += f"  # noqa: {rule} a reason"
        (tmp_path / f"portal/marked_{rule}.py").write_text("\n".join(lines) + "\n")
    found = find_dangers(tmp_path)
    assert {line.split(":")[0] for line in found} == {
        f"portal/{rule}.py" for rule in DANGEROUS.keys() - NOT_WEIGHED_BY_BANDIT
    }


def test_code_that_cannot_be_parsed_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal/new.py").write_text("def broken(:\n")
    assert find_dangers(tmp_path) == ["portal/new.py: syntax error while parsing AST from file"]
