"""Long lists, page by page: the one way, so that every row stands on exactly one page."""

from dataclasses import dataclass, replace
from typing import Any

import peewee

HIGHEST = 1_000_000  # a page beyond it is none: databases mind numbers that are too large


@dataclass(frozen=True)
class Listed:
    """One page of a list: its rows, its number, and whether another one follows."""

    rows: list[Any]
    number: int
    more: bool


def page_of(found: "peewee.ModelSelect[Any]", number: int, size: int) -> Listed:
    """Page `number` of what a query finds, from 1; beyond the end the last page. The query's order must be total."""
    number = min(max(number, 1), HIGHEST)
    rows = list(found.limit(size + 1).offset((number - 1) * size))
    if not rows and number > 1:
        return page_of(found, -(-found.count() // size), size)
    return replace(first_page(rows, size), number=number)


def first_page(rows: list[Any], size: int) -> Listed:
    """The first page, of rows read already: one more than fit, where there are more."""
    return Listed(rows[:size], 1, len(rows) > size)
