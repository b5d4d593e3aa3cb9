"""`portal plugin new`: generate a working plugin package with settings, a hook and tests."""

from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template

from portal.base.errors import Conflict, Invalid
from portal.plugin_host.discovery import NAME

DATA = Path(__file__).parent.parent / "testing" / "data" / "skeleton"


def make(name: str, folder: Path) -> list[Path]:
    """Write the files and return their paths. Raises Invalid for a bad name, Conflict for a non-empty folder."""
    _require_name(name)
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty.")
    values = {"name": name, "title": name.replace("_", " ").capitalize(), "distribution": name.replace("_", "-")}
    return [_write(folder / path, source, values) for source, path in _files(name).items()]


def _files(name: str) -> dict[str, str]:
    return {
        "pyproject.toml.txt": "pyproject.toml",
        "README.md.txt": "README.md",
        "CHANGELOG.md.txt": f"{name}/CHANGELOG.md",
        "__init__.py.txt": f"{name}/__init__.py",
        "settings.py.txt": f"{name}/settings.py",
        "test.py.txt": f"tests/test_{name}.py",
    }


def _require_name(name: str) -> None:
    if not NAME.fullmatch(name) or iskeyword(name):
        raise Invalid({"": "The name needs small letters, digits and _ only, and begins with a letter."})
    if find_spec(name) is not None:
        raise Invalid({"": f"Python already has a module {name}; choose another name."})


def _write(path: Path, source: str, values: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template((DATA / source).read_text("utf-8")).substitute(values), "utf-8")
    return path
