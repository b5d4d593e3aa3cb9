"""Architecture metrics: the allowed imports between rooms, the import graph, what modules need, which are tested.

    python -m scripts.shape [ROOT]

Rooms are ordered from top to bottom; a module imports only its own room and rooms below. A room is a folder of
`portal/` or of `portal/core/`; the loose files of `portal/`, its commands, the demonstration and what is for authors
of plugins are the top. The plugin API (the door) is below everything. tests/test_architecture.py enforces all of it.
"""

import ast
import statistics
import sys
from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path

TOP, DOOR = "top", "door"
ROOMS = (
    TOP,
    "api",
    "live",
    "core.reports",
    "core.admin",
    "core.opening",
    "core.auditing",
    "core.lists",
    "core.kiosks",
    "core.desk",
    "core.boards",
    "core.rights",
    "core.outbox",
    "core.messages",
    "core.family",
    "core.dispensing",
    "core.referring",
    "core.verification",
    "core.prescriptions",
    "core.paper",
    "core.signing",
    "core.consults",
    "core.shortcuts",
    "core.prescribing",
    "core.formulary",
    "core.rules",
    "core.calls",
    "core.chart",
    "core.records",
    "core.doctors",
    "core.privacy",
    "core.visits",
    "core.rosters",
    "core.register",
    "core.referrals",
    "core.beneficiaries",
    "core.accounts",
    "core.clinic",
    "web",
    "plugin_host",
    "keeping",
    "work",
    "sandbox",
    "settings",
    "store",
    "base",
    DOOR,
)

RANK = {room: place for place, room in enumerate(ROOMS)}
AT_THE_TOP = {"checks", "commands", "demo", "imports", "metrics", "server", "setup", "testing", "tracing"}
PUBLISHED = {"portal", "portal.addresses", "portal.config", "portal.contracts", "portal.core", "portal.paths"}
MOUNTS = "portal.app"
LEFT_OUT = {"migrations", ".venv", "build"}

Module = str
Edge = tuple[Module, Module]


class Shape:
    """Import graph of the modules of some packages, including imports inside functions."""

    def __init__(self, root: Path, *packages: str) -> None:
        self.root = root
        found = (path.relative_to(root) for name in packages for path in sorted((root / name).rglob("*.py")))
        self.files = {_name(path): root / path for path in found if not LEFT_OUT & set(path.parts)}

    @cached_property
    def uses(self) -> dict[Module, set[Module]]:
        """Map each module to what it imports."""
        return {name: self._imports(name, path) for name, path in self.files.items()}

    @cached_property
    def used_by(self) -> dict[Module, set[Module]]:
        """Map each module to its importers."""
        found: dict[Module, set[Module]] = defaultdict(set)
        for name, others in self.uses.items():
            for other in others:
                found[other].add(name)
        return found

    @cached_property
    def modules(self) -> list[Module]:
        """All modules that are a file of their own, and not only the name of a folder."""
        return [name for name, path in self.files.items() if path.name != "__init__.py"]

    def upward(self) -> list[Edge]:
        """Imports from a room above the importer's own."""
        rank = defaultdict(lambda: len(ROOMS), RANK)
        edges = ((name, other) for name, others in self.uses.items() for other in others)
        return sorted(edge for edge in edges if rank[room_of(edge[1])] < rank[room_of(edge[0])])

    def upward_in_tests(self) -> list[Edge]:
        """Imports of a room's tests from the rooms above it. The graph must hold `portal` and `tests`."""
        tests = [name for name in self.modules if name.startswith("tests.") and room_of(name) in RANK]
        edges = ((name, other) for name in tests for other in self.uses[name] if other.startswith("portal."))
        return sorted(edge for edge in edges if RANK[room_of(edge[1])] < RANK[room_of(edge[0])])

    def tested(self) -> list[Module]:
        """Modules whose test lies where one looks: portal/core/visits/calling.py, tests/core/visits/test_calling.py."""
        return [name for name in self.modules if self._test_of(name).exists()]

    def mutual(self) -> list[tuple[str, str]]:
        """Pairs of rooms, or of folders at the top, that import each other; loose files there do not count."""
        pairs = {(folder_of(name), folder_of(other)) for name, others in self.uses.items() for other in others}
        return sorted((one, two) for one, two in pairs if one < two and (two, one) in pairs and TOP not in (one, two))

    def imports(self) -> list[int]:
        """How many others each module imports, ascending."""
        return sorted(len(self.uses[name]) for name in self.modules)

    def single(self) -> list[Module]:
        """Modules that serve exactly one other."""
        return [name for name in self.modules if len(self.used_by[name]) == 1]

    def folders(self) -> Counter[str]:
        """How many files lie in each folder."""
        return Counter(name.rpartition(".")[0] for name in self.modules)

    def chain(self) -> list[Module]:
        """The longest chain of imports. Raises ValueError when modules import each other in a ring."""
        known: dict[Module, list[Module]] = {}

        def longest(name: Module, above: tuple[Module, ...]) -> list[Module]:
            if name in above:
                raise ValueError(" → ".join([*above[above.index(name) :], name]))
            if name not in known:
                below = [longest(other, (*above, name)) for other in sorted(self.uses[name])]
                known[name] = [name, *max(below, key=len, default=[])]
            return known[name]

        return max((longest(name, ()) for name in self.uses), key=len)

    def _test_of(self, name: Module) -> Path:
        *folders, module = name.removeprefix("portal.").split(".")
        return self.root.joinpath("tests", *folders, f"test_{module}.py")

    def _imports(self, name: Module, path: Path) -> set[Module]:
        found: set[Module] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = self._base(name, path, node)
                found |= {full if (full := f"{base}.{alias.name}") in self.files else base for alias in node.names}
            elif name == MOUNTS and isinstance(node, ast.Constant):  # named in its tables, as strings
                found |= {str(node.value)}
        return {_real(other) for other in found if _real(other) in self.files} - {name}

    def _base(self, name: Module, path: Path, node: ast.ImportFrom) -> str:
        if not node.level:
            return _real(node.module or "")
        parts = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def room_of(module: Module) -> str:
    """The room of a module of `portal`."""
    if module in PUBLISHED or module.startswith("portal.contracts."):
        return DOOR
    if module == "portal.hookspecs":  # what plugins may implement: the host's face
        return "plugin_host"
    parts = module.split(".")
    if parts[1] == "core":
        return ".".join(parts[1:3])
    if len(parts) > 2 and parts[1] not in ROOMS and parts[1] not in AT_THE_TOP:
        return parts[1]  # in no room of the table
    return parts[1] if parts[1] in ROOMS else TOP


def folder_of(module: Module) -> str:
    """The room of a module of `portal`; at the top its folder, or TOP for a loose file."""
    parts, room = module.split("."), room_of(module)
    return ".".join(parts[:2]) if room == TOP and len(parts) > 2 else room


def spread(values: list[int]) -> str:
    """median / p90 / largest."""
    return f"median {statistics.median(values):g}, p90 {values[int(0.9 * len(values))]}, largest {values[-1]}"


def _name(path: Path) -> Module:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _real(name: str) -> str:
    return name.replace("portal_plugins", "plugins", 1)


def _report(root: Path) -> None:
    portal, whole = Shape(root, "portal"), Shape(root, "portal", "plugins")
    rooms = Counter(room_of(name) for name in portal.modules)
    print("Rooms from top to bottom:", ", ".join(f"{room} {rooms[room]}" for room in ROOMS))
    print("Imports upward:", portal.upward() or "none")
    print("Rooms that import each other:", portal.mutual() or "none")
    print(
        "Modules:", len(whole.modules), "· lines:", sum(len(p.read_text().splitlines()) for p in whole.files.values())
    )
    print("Imports of one module:", spread(whole.imports()))
    print("Modules with one importer:", f"{len(whole.single())} ({len(whole.single()) / len(whole.modules):.0%})")
    print(
        "Modules with a test of their name:", f"{len(whole.tested())} ({len(whole.tested()) / len(whole.modules):.0%})"
    )
    print("Imports upward in the tests of rooms:", len(Shape(root, "portal", "tests").upward_in_tests()))
    print("Largest folders:", ", ".join(f"{name} {count}" for name, count in whole.folders().most_common(5)))
    chain = whole.chain()
    print(f"Longest chain, {len(chain)}:", " → ".join(chain))


if __name__ == "__main__":
    _report(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
