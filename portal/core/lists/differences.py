"""What differs between two states of a list: lines added, changed with before and after, and gone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ADDED, CHANGED, GONE, REFUSED = "added", "changed", "gone", "refused"
Row = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """One line: its name, and the columns that differ with the value before and after."""

    kind: str
    name: str
    fields: tuple[tuple[str, str, str], ...]
    sign_off: str = ""  # what the line itself leaves to somebody who answers for it

    def touches(self, *columns: str) -> bool:
        """Does one of these columns differ?"""
        return any(column in columns for column, _before, _after in self.fields)


def between(before: Iterable[Row], after: Iterable[Row], keys: tuple[str, ...]) -> list[Difference]:
    """Compare two states by what makes a line another one; the order of lines is none of it."""
    old, new = _by_key(before, keys), _by_key(after, keys)
    found = [_of(ADDED, {}, row, keys) for key, row in new.items() if key not in old]
    found += [_of(CHANGED, old[key], row, keys) for key, row in new.items() if key in old and row != old[key]]
    return found + [_of(GONE, row, {}, keys) for key, row in old.items() if key not in new]


def _by_key(rows: Iterable[Row], keys: tuple[str, ...]) -> dict[tuple[str, ...], Row]:
    return {tuple(row[key].casefold() for key in keys): row for row in rows}


def _of(kind: str, before: Row, after: Row, keys: tuple[str, ...]) -> Difference:
    columns = [column for column in (after or before) if column != "sign_off"]
    differing = [column for column in columns if before.get(column, "") != after.get(column, "")]
    told = [column for column in differing if kind == CHANGED or column not in keys]
    return Difference(
        kind,
        " · ".join(filter(None, ((after or before)[key] for key in keys))),
        tuple((column, before.get(column, ""), after.get(column, "")) for column in told),
        after.get("sign_off", ""),
    )
