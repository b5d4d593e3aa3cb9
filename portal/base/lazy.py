"""Lazy attributes: computed on first access and cached on the instance."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class lazy(Generic[Owner, Value]):  # noqa: N801 read as a word, as property is
    """A cached property: computed once per instance, then a plain attribute.

    functools.cached_property takes one lock for all instances before Python 3.12; werkzeug's runs Python code at
    each access. (decision 0008: goes with Python 3.11)
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
