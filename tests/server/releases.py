"""Copies of the source tree as later releases: with a migration more, and code that uses what it adds."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.servers import ROOT, Portal

SEAT = """
EXPANDS = True


def up(migrator, db):
    db.execute_sql('ALTER TABLE "visit" ADD COLUMN "seat" VARCHAR(10) NOT NULL DEFAULT \\'\\'')
    db.execute_sql('CREATE INDEX "visit_seat" ON "visit" ("seat")')
"""
USES_SEAT = """
Visit._meta.add_field("seat", peewee.CharField(max_length=10, default="window"))
"""
RENAMED = """
def up(migrator, db):
    db.execute_sql('ALTER TABLE "visit" RENAME COLUMN "complaint" TO "reason_of_visit"')
"""


def later_release(folder: Path, migrations: dict[str, str], code: dict[str, str] | None = None) -> Path:
    """Copy the tree, with further migrations by name, and lines at the end of modules. Returns its folder."""
    shutil.copytree(ROOT / "portal", folder / "portal", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "templates").symlink_to(ROOT / "templates")
    for name, text in migrations.items():
        (folder / "portal" / "migrations" / f"{name}.py").write_text(text)
    for path, lines in (code or {}).items():
        with (folder / path).open("a") as module:
            module.write(lines)
    return folder


@dataclass
class Node(Portal):
    """A node of one release; `root`: its tree."""

    root: Path = ROOT

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "portal", *arguments]
        return subprocess.run(line, env=self.environ, cwd=self.root, check=check, capture_output=True, text=True)

    def start(self, name: str) -> None:
        with (self.data_dir / f"{name}.log").open("ab") as log:
            line = [sys.executable, "-m", "portal", name]
            self.children[name] = subprocess.Popen(
                line, env=self.environ, cwd=self.root, stdout=log, stderr=log, start_new_session=True
            )
