"""A protection taken away."""

from typing import NamedTuple


class Planted(NamedTuple):
    """In `file`, `old` (there once) becomes `new`: the protection of `number` is gone, and `test` must fail."""

    number: str
    file: str
    old: str
    new: str
    test: str
