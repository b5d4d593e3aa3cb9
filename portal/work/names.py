"""Unique names: a duplicate job, sweep, listener or event would silently replace the first."""

from collections.abc import Callable


class NameTaken(ValueError):
    """Duplicate name; the sentence says which and where."""


def refuse_second(kind: str, name: str, function: Callable[..., object], taken: Callable[..., object] | None) -> None:
    """Raise NameTaken for a name in use; `kind` is the plural of what is registered."""
    if taken is not None:
        raise NameTaken(
            f"Two {kind} are called {name}, in {taken.__module__} and in {function.__module__}: "
            "give one of them another name."
        )
