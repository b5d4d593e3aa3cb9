"""The changes that are planted: cosmic-ray's operators, and one of our own for calls that nobody waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso import parse

# What turns a rule of an edge round. Arithmetic is left to the tests of the rooms; `|` is mostly a type here.
TURNS = (
    "core/AddNot",
    "core/NumberReplacer",
    "core/RemoveDecorator",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ReplaceComparisonOperator_Eq_NotEq",
    "core/ReplaceComparisonOperator_NotEq_Eq",
    "core/ReplaceComparisonOperator_Lt_LtE",
    "core/ReplaceComparisonOperator_LtE_Lt",
    "core/ReplaceComparisonOperator_Gt_GtE",
    "core/ReplaceComparisonOperator_GtE_Gt",
    "core/ReplaceComparisonOperator_Is_IsNot",
    "core/ReplaceComparisonOperator_IsNot_Is",
)
SILENT = ("audit.note(", "record(", "throttle.", "bump(")


class RemoveSilentCall(Operator):
    """Take out a statement that only notes, tells or counts: nothing after it would miss what it returns."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Each statement of its own that begins with one of the calls."""
        is_statement = node.type == "atom_expr" and node.parent.type == "simple_stmt"
        if is_statement and node.get_code(include_prefix=False).startswith(SILENT):
            yield (node.start_pos, node.end_pos)

    def mutate(self, node: Any, index: int) -> Any:
        """`pass` in its place."""
        nothing = parse("pass").children[0]
        nothing.prefix = node.get_first_leaf().prefix
        return nothing

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: these are for the library's own tests."""
        return ()


@dataclass(frozen=True)
class Change:
    """One change of one file: an operator (its name) and its occurrence, counted from 0, on a line."""

    path: Path
    operator: str
    occurrence: int
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.kind}"

    @property
    def kind(self) -> str:
        """The operator's own name."""
        return self.operator.rpartition("/")[2]

    def is_python(self, root: Path) -> bool:
        """Is the changed file still a program? What cannot even be read dies without a test."""
        try:
            compile(self.applied((root / self.path).read_text()), str(self.path), "exec")
        except SyntaxError:
            return False
        return True

    def applied(self, code: str) -> str:
        """The file's text with the change."""
        changed = mutate_code(code, _operators()[self.operator], self.occurrence)
        if changed is None:
            raise LookupError(str(self))
        return str(changed)


def _operators() -> dict[str, Operator]:
    return {"RemoveSilentCall": RemoveSilentCall()} | {name: get_operator(name)() for name in TURNS}


def changes_of(path: Path, root: Path, *, silent_only: bool) -> Iterator[Change]:
    """Every change that can be made to a file of the tree at `root`."""
    tree = get_ast((root / path).read_text())
    for name, operator in _operators().items():
        if silent_only and name != "RemoveSilentCall":
            continue
        places = [place for node in ast_nodes(tree) for place in operator.mutation_positions(node)]
        for occurrence, (start, _end) in enumerate(places):
            yield Change(path, name, occurrence, start[0])
