"""One misconfiguration as `portal check` prints it, and what a check is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portal.config import Config


@dataclass(frozen=True)
class Finding:
    """A sentence of what is wrong, and one with the cure. A note needs no action now: the check still succeeds."""

    what: str
    cure: str = ""
    is_note: bool = False

    def __str__(self) -> str:
        what = self.what if self.what.endswith((".", "?", "!")) or not self.cure else f"{self.what}."
        return " ".join(part for part in (what, self.cure) if part)


Findings = Iterator[Finding]
# Yields what is wrong, nothing where all is well, and changes nothing. Its name and docstring stand in `--list`.
Check = Callable[[Config], Findings]


def name_of(check: Check) -> str:
    """Return the name under which a check's findings are printed."""
    return check.__name__.replace("_", " ")


def looks_at(check: Check) -> str:
    """Return the question of a check, one line."""
    return (check.__doc__ or "").strip().splitlines()[0]


def line(name: str, found: Finding | None) -> str:
    """Format the line of one finding, or of a check that found nothing."""
    if found is None:
        return f"ok       {name}"
    return f"{'note    ' if found.is_note else 'PROBLEM '} {name}: {found}"


def is_problem(found: Finding | None) -> bool:
    """Does it need action?"""
    return found is not None and not found.is_note
