"""docs/api.md covers the whole plugin API, and the API exposes no rows."""

import inspect
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import peewee
import pytest

import portal.api
from scripts.api_page import MODULES, PAGE, page

ASKING = ("clinic", "calls", "documents", "referrals", "messages")


def module(name: str) -> ModuleType:
    return import_module(f"portal.api.{name}")


def exported(name: str) -> dict[str, Any]:
    return {wanted: getattr(module(name), wanted) for wanted in module(name).__all__}


def types_in(hint: Any) -> set[Any]:
    """Every type in an annotation, including those of dataclass fields."""
    found = {hint}.union(*(types_in(part) for part in get_args(hint)))
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        found |= set().union(*(types_in(hints[field.name]) for field in fields(hint)))
    return found


def test_the_api_documentation_is_up_to_date():
    assert PAGE.read_text("utf-8") == page()  # python -m scripts.api_page


def test_the_api_documentation_covers_every_module():
    folder = Path(str(portal.api.__file__)).parent
    assert set(MODULES) == {path.stem for path in folder.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("name", MODULES)
def test_every_function_of_the_api_has_a_docstring(name):
    assert module(name).__doc__
    assert [
        wanted for wanted, value in exported(name).items() if inspect.isroutine(value) and not inspect.getdoc(value)
    ] == []


@pytest.mark.parametrize("name", ASKING)
def test_queries_of_the_api_take_and_return_no_rows(name):
    calls = [value for value in exported(name).values() if inspect.isroutine(value)]
    hints = set().union(*(types_in(hint) for call in calls for hint in get_type_hints(call).values()))
    assert [hint for hint in hints if inspect.isclass(hint) and issubclass(hint, peewee.Model)] == []


@pytest.mark.parametrize("name", ASKING)
def test_types_of_the_api_are_frozen(name):
    facts = [value for value in exported(name).values() if inspect.isclass(value) and not issubclass(value, Exception)]
    assert all(is_dataclass(fact) and fact.__dataclass_params__.frozen for fact in facts)
