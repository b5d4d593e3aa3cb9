"""Attributes that are made when they are first read."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class lazy(Generic[Owner, Value]):  # noqa: N801 read as a word, as property is
    """Made once a thing, then a plain attribute of it.

    functools' own has one lock for all things before Python 3.12, werkzeug's runs Python code at each reading.
    """

    def __init__(self, make: Callable[[Owner], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type[Owner], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, thing: None, owner: Any = None) -> "lazy[Owner, Value]": ...
    @overload
    def __get__(self, thing: Owner, owner: Any = None) -> Value: ...

    def __get__(self, thing: Owner | None, owner: Any = None) -> "lazy[Owner, Value] | Value":
        if thing is None:
            return self
        value: Value = self._make(thing)
        thing.__dict__[self._name] = value
        return value
