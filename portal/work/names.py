"""Names that are given once: a second job, sweep, listener or event of a name would take the place of the first."""

from collections.abc import Callable


class NameTaken(ValueError):
    """Two things ask for one name; the sentence says which and where."""


def refuse_second(kind: str, name: str, function: Callable[..., object], taken: Callable[..., object] | None) -> None:
    """Raise NameTaken when something has this name already; `kind` is what they are, in the plural."""
    if taken is not None:
        raise NameTaken(
            f"Two {kind} are called {name}, in {taken.__module__} and in {function.__module__}: "
            "give one of them another name."
        )
