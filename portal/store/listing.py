"""Pagination by page number, for lists that a person leafs through: every row is on exactly one page.

The list of messages grows for years and is paginated by keyset instead (`portal.core.outbox.lists`).
"""

from dataclasses import dataclass, replace
from typing import Any

import peewee

MAX_PAGE = 1_000_000  # larger page numbers are clamped: their offset overflows a database integer


@dataclass(frozen=True)
class Listed:
    """One page of a list: its rows, its number, and whether there is a next page."""

    rows: list[Any]
    number: int
    more: bool


def page_of(found: "peewee.ModelSelect[Any]", number: int, size: int) -> Listed:
    """Paginate a query: page `number`, from 1; past the end the last page. The query needs a total order."""
    number = min(max(number, 1), MAX_PAGE)
    rows = list(found.limit(size + 1).offset((number - 1) * size))
    if not rows and number > 1:
        return page_of(found, -(-found.count() // size), size)
    return replace(first_page(rows, size), number=number)


def page_of_list(found: list[Any], number: int, size: int) -> Listed:
    """Paginate rows that are loaded already; past the end the last page."""
    number = min(max(number, 1), max(-(-len(found) // size), 1))
    return replace(first_page(found[(number - 1) * size : number * size + 1], size), number=number)


def first_page(rows: list[Any], size: int) -> Listed:
    """Make the first page of rows fetched already: `size` + 1 of them when there is a next page."""
    return Listed(rows[:size], 1, len(rows) > size)
