"""A wheel built from the tree carries everything the portal needs, and runs from an empty folder."""

import os
import re
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
FOLDERS = {"portal": "portal", "plugins": "portal_plugins", "templates": "portal/templates"}
NOT_SHIPPED = {"__pycache__"}
# Imports from the wheel alone: the tree is not on the path, and the editable install comes after PYTHONPATH.
START = """
import portal, portal_plugins
from portal.app import create_app
from portal.store import migrator
from portal.base.language import FOLDER
app = create_app()
assert migrator.pending(), "the migrations are missing"
migrator.runner().up()
assert (FOLDER / "hi/LC_MESSAGES/messages.mo").exists()
client = app.test_client()
for address in ("/static/portal.css", "/static/vendor/htmx.min.js", "/help"):
    assert client.get(address).status_code == 200, address
print(portal.__file__)
print(portal_plugins.__file__)
"""


def setup() -> ConfigParser:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


def shipped_name(path: Path) -> str:
    folder, *rest = path.relative_to(ROOT).parts
    return "/".join((FOLDERS[folder], *rest))


def tree() -> set[str]:
    """Return every file of the three folders, by its installed name."""
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    return {shipped_name(path) for path in files if not NOT_SHIPPED & set(path.parts)}


def is_code_or_data(name: str) -> bool:
    """A README and the like stay in the tree."""
    return not name.endswith((".md", ".mo"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with pip, offline, from a copy of the files that git would keep."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("tests/"):
            target = folder / "copy" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder / "dist", folder / "copy"], check=True, timeout=300)
    (built,) = (folder / "dist").glob("paramarsh-*.whl")
    return built


def test_setup_cfg_lists_every_package_of_the_tree() -> None:
    listed = set(setup()["options"]["packages"].split()) - {"portal.templates"}
    found = {name.removesuffix("/__init__.py").replace("/", ".") for name in tree() if name.endswith("/__init__.py")}
    assert listed == found


def test_setup_cfg_names_every_plugin_of_the_tree() -> None:
    lines = setup()["options.entry_points"]["portal.plugins"].strip().splitlines()
    plugins = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py"))
    assert sorted(lines) == [f"{name} = portal_plugins.{name}" for name in plugins]


def test_the_wheel_carries_every_file_of_the_tree(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in tree() if is_code_or_data(name)} - names == set()


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    compiled = {name.removesuffix(".po") + ".mo" for name in tree() if name.endswith(".po")}
    assert names - tree() - compiled == set()


def test_the_wheel_carries_the_compiled_translations_and_the_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "portal/translations/hi/LC_MESSAGES/messages.mo" in names
    assert {Path(name).name for name in names if ".dist-info/licenses/" in name} == {"LICENSE", "NOTICE"}


def test_the_wheel_runs_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(site)
    empty.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "COVERAGE"))}
    run = subprocess.run(
        [sys.executable, "-c", START],
        cwd=empty,
        env=clean | {"PYTHONPATH": str(site), "PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(empty / "var")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert all(line.startswith(str(site)) for line in run.stdout.split())


def test_the_locks_pin_every_dependency_by_hash_and_name_no_host() -> None:
    for name in ("requirements.txt", "requirements-otel.txt", "requirements-test.txt"):
        text = (ROOT / name).read_text("utf-8")
        pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert "://" not in text
        assert all("==" in line and line.endswith("\\") for line in pins)
        assert text.count("\\\n    --hash=sha256:") >= len(pins)


def test_the_test_lock_repeats_the_run_lock_and_that_of_traces() -> None:
    run, otel, test = (
        {line for line in (ROOT / name).read_text("utf-8").splitlines() if "==" in line}
        for name in ("requirements.txt", "requirements-otel.txt", "requirements-test.txt")
    )
    assert run - test == otel - test == set()


@pytest.mark.parametrize("library", ["granian", "huey", "peewee", "pydyf", "weasyprint"])
def test_libraries_with_patched_internals_have_an_upper_version_bound(library: str) -> None:
    """A wheel is installed without the lock file, and the next minor version may change the internals we patch."""
    lines = setup()["options"]["install_requires"].splitlines()
    wanted = SpecifierSet(next(line.removeprefix(library) for line in lines if re.match(rf"{library}[<>=]", line)))
    pinned = re.search(rf"^{library}==([\d.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)[1]
    major, minor = (int(part) for part in pinned.split(".")[:2])
    assert pinned in wanted
    assert f"{major + 1}.0" not in wanted
    assert f"{major}.{minor + 1}" not in wanted or library == "weasyprint"  # which has only major versions


def test_what_production_needs_is_installed_with_the_portal() -> None:
    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert all(f"\n{driver}==" in text for driver in ("psycopg", "psycopg-binary", "psycopg-pool", "redis"))
