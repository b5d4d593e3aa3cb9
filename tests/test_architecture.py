"""Enforces docs/architecture.md: one-way imports, short functions and files."""

import ast
import re
import statistics
from importlib import import_module
from pathlib import Path

import pytest

from portal.commands.skeleton import make
from scripts.shape import ROOMS, Shape, room_of

ROOT = Path(__file__).parent.parent
PORTAL = sorted((ROOT / "portal").rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
SOURCES = [path for path in PORTAL + PLUGINS if "migrations" not in path.parts]
PORTAL_SHAPE, WHOLE_SHAPE = Shape(ROOT, "portal"), Shape(ROOT, "portal", "plugins")
TESTS_SHAPE = Shape(ROOT, "portal", "tests")
NO_FLASK = {
    "models",
    "services",
    "states",
    "checks",
    "rules",
    "texts",
    "patient_status",
    "doctor_board",
    "displays",
    "masters",
}
ONLY_HERE = {"datetime.now": "portal/base/clock.py", "os.environ": "portal/config.py"}
# What a plugin may import; tests of plugins also `portal.testing`.
API = "portal.api"
DOOR = {"portal.contracts", "portal.hookspecs"} | {name for name in PORTAL_SHAPE.files if name.startswith(API)}
# The travel budget. Where it exceeds the design's goal, and why: docs/decisions/0009-rooms.md.
IMPORTS_MEDIAN, IMPORTS_P90, SINGLE_SHARE, FOLDER, LONGEST_CHAIN = 4, 14, 0.33, 15, 19

# Modules with a test of their name, which may only rise, and upward imports of tests, which may only fall.
TESTED_SHARE, TESTS_UPWARD = 0.54, 86


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def functions_of(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def length(function: ast.FunctionDef) -> int:
    """Lines of code without the docstring, decorators and blank lines."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", PORTAL, ids=name_of)
def test_the_portal_never_imports_a_plugin(path):
    assert not {name for name in imports_of(path) if name.startswith(("portal_plugins", "plugins"))}


def beyond_the_door(path: Path, *also: str) -> list[str]:
    """List what a plugin's file imports or names of the portal outside the plugin API."""
    names = {name for name in imports_of(path) | texts_of(path) if name.startswith("portal.")}
    return sorted(name for name in names if not is_the_door(name) and not name.startswith(tuple(also)))


def is_the_door(name: str) -> bool:
    """Is it a module of the plugin API, or a name it exports?"""
    if name in DOOR:
        return True
    module, _, wanted = name.rpartition(".")
    return module in DOOR and wanted in getattr(import_module(module), "__all__", vars(import_module(module)))


def texts_of(path: Path) -> set[str]:
    """List strings that could be module names, for imports by name."""
    nodes = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
    return {text for text in nodes if isinstance(text, str) and re.fullmatch(r"portal(\.\w+)+", text)}


@pytest.mark.parametrize("path", PLUGINS, ids=name_of)
def test_a_plugin_imports_only_the_plugin_api(path):
    assert beyond_the_door(path) == []


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.py")), ids=name_of)
def test_the_example_plugin_imports_only_the_plugin_api(path):
    assert beyond_the_door(path, *(["portal.testing"] if "tests" in path.parts else [])) == []


def test_the_generated_plugin_imports_only_the_plugin_api(tmp_path):
    made = [path for path in make("new_plugin", tmp_path) if path.suffix == ".py"]
    also = {path: ["portal.testing"] if "tests" in path.parts else [] for path in made}
    assert {path.name: found for path in made if (found := beyond_the_door(path, *also[path]))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "from portal.core.visits.models import Visit",
        "from portal import core",
        "from portal.api.clinic import Staff",
        "def late():\n    import portal.live.queue",
        "import_module('portal.web.access')",
    ],
)
def test_an_import_past_the_plugin_api_is_detected(tmp_path, line):
    path = tmp_path / "plugin.py"
    path.write_text(line)
    assert beyond_the_door(path)


def test_the_portal_does_not_import_its_plugin_api():
    users = {name for name, others in PORTAL_SHAPE.uses.items() for other in others if other in DOOR and API in other}
    assert {name for name in users if not name.startswith(API)} == set()


@pytest.mark.parametrize(
    "path", [path for path in PORTAL if path.stem in NO_FLASK and "core" in path.parts], ids=name_of
)
def test_services_models_states_and_checks_do_not_import_flask(path):
    assert not {
        name for name in imports_of(path) if name.split(".")[0] in {"flask", "werkzeug", "flask_login", "flask_wtf"}
    }


def test_a_room_imports_only_rooms_below_it():
    assert PORTAL_SHAPE.upward() == []


def test_no_two_rooms_import_each_other():
    assert PORTAL_SHAPE.mutual() == []


def test_two_folders_at_the_top_that_import_each_other_are_found(tmp_path):
    for name, text in {
        "portal/setup/lists.py": "from portal.commands import imports",
        "portal/commands/imports.py": "",
        "portal/commands/setup.py": "from portal.setup import lists",
        "portal/cli.py": "from portal.commands import setup",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert Shape(tmp_path, "portal").mutual() == [("portal.commands", "portal.setup")]


def test_every_module_is_in_a_room_of_the_table():
    assert {room_of(name) for name in PORTAL_SHAPE.files} == set(ROOMS)


def test_there_is_no_import_cycle():
    assert len(WHOLE_SHAPE.chain()) <= LONGEST_CHAIN  # raises ValueError, naming the cycle


def test_modules_have_few_imports():
    imports = WHOLE_SHAPE.imports()
    assert statistics.median(imports) <= IMPORTS_MEDIAN
    assert imports[int(len(imports) * 0.9)] <= IMPORTS_P90


def test_few_modules_serve_exactly_one_other():
    assert len(WHOLE_SHAPE.single()) / len(WHOLE_SHAPE.modules) <= SINGLE_SHARE


def test_no_folder_has_too_many_modules():
    assert {name: count for name, count in WHOLE_SHAPE.folders().items() if count > FOLDER} == {}


def test_the_diagram_of_rooms_names_every_room():
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert [
        room for room in ROOMS if f"{room.removeprefix('core.')}/" not in page and room not in {"top", "door"}
    ] == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in {"top", "door"}])
def test_tests_mirror_the_tree(room):
    assert list((ROOT / "tests" / room.replace(".", "/")).glob("test_*.py"))


def test_many_modules_have_their_test_where_one_looks():
    assert len(WHOLE_SHAPE.tested()) / len(WHOLE_SHAPE.modules) >= TESTED_SHARE


def test_few_tests_import_from_rooms_above_their_own():
    assert len(TESTS_SHAPE.upward_in_tests()) <= TESTS_UPWARD


def test_an_upward_import_in_a_test_is_counted(tmp_path):
    for name, text in {
        "portal/web/access.py": "",
        "portal/base/clock.py": "",
        "tests/base/test_clock.py": "from portal.web import access\nfrom portal.base import clock",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shape = Shape(tmp_path, "portal", "tests")
    assert shape.upward_in_tests() == [("tests.base.test_clock", "portal.web.access")]
    assert [name for name in shape.tested() if name.startswith("portal.")] == ["portal.base.clock"]


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.parent.name != "web" and "core" in path.parts], ids=name_of
)
def test_only_views_and_forms_use_the_web_layer(path):
    if path.stem not in {"views", "here", "step_up"} and not path.stem.endswith("_views"):
        assert not {name for name in imports_of(path) if name.startswith("portal.web")}


@pytest.mark.parametrize(("call", "home"), ONLY_HERE.items())
def test_the_clock_and_the_environment_are_read_in_one_place(call, home):
    readers = [name_of(path) for path in SOURCES if call in path.read_text() and name_of(path) != home]
    commands = {
        "portal/cli.py",
        *(f"portal/commands/{name}.py" for name in ("backups", "export", "plugin", "retention")),
    }
    for_a_library = "portal/server/counters.py"  # sets one for the processes that it starts
    assert set(readers) <= {"portal/demo/run.py", for_a_library, *commands}


def test_functools_cached_property_with_its_global_lock_is_not_used():
    assert not [name_of(path) for path in SOURCES if "functools import cached_property" in path.read_text()]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_is_long(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=name_of)
def test_no_test_file_is_long(path):
    assert len(path.read_text().splitlines()) <= 400


def test_the_formatter_decides_everywhere():
    ours = (
        path for folder in ("portal", "plugins", "tests", "bench", "scripts") for path in (ROOT / folder).rglob("*.py")
    )
    assert not [name_of(path) for path in ours if re.search(r"# fmt: (skip|off)", path.read_text())]


@pytest.mark.parametrize(
    "path", sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "plugins").rglob("*.html")]), ids=name_of
)
def test_no_template_is_long_or_carries_script_or_style(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 120
    assert " style=" not in text
    assert " onclick=" not in text
    inline = text.replace("<style>{{ inline_style }}</style>", "")  # allowed by its hash
    assert "<style" not in inline or path.parts[-2] == "pdf"


def test_functions_are_short():
    lengths = sorted(length(function) for path in SOURCES for function in functions_of(path))
    assert statistics.median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.9)] <= 20
    assert lengths[-1] <= 40


def test_files_are_small():
    assert statistics.median(len(path.read_text().splitlines()) for path in SOURCES) <= 100


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_public_function_has_a_docstring(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_migrations_are_numbered_one_after_the_other():
    """Two of one number run in the order of their names, which nobody thought of."""
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "portal/migrations").glob("[0-9]*.py"))]
    assert numbers == list(range(1, len(numbers) + 1))
