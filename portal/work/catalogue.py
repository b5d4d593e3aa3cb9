"""The catalogue of events: each is a frozen dataclass, declared in the room that records it.

Names of classes and fields are stored, audited and sent to plugins: never rename them. A new field needs a default.
`docs/events.md` is generated from the catalogue (`python -m scripts.events_page`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Protocol, Self

from portal.work.names import refuse_second


class Stored(Protocol):
    """A stored event, perhaps written by an older version."""

    data: Mapping[str, object]


@dataclass(frozen=True)
class DomainEvent:
    """Base of all events: the docstring says when it happens, each field is annotated with its meaning and unit.

    `about` says what the event's subject identifies; a class without it is an abstract base. Fields are JSON values;
    None is not stored. `from_` is stored as `from`, which is a keyword of Python.
    """

    name: ClassVar[str] = ""
    about: ClassVar[str] = ""

    def __init_subclass__(cls, about: str = "") -> None:
        cls.name, cls.about = cls.__name__, about
        if about:
            refuse_second("events", cls.name, cls, CATALOGUE.get(cls.name))
            CATALOGUE[cls.name] = cls

    def data(self) -> dict[str, object]:
        """Return the fields by their stored names."""
        values = ((key, getattr(self, attribute)) for key, attribute in _stored_names(type(self)))
        return {key: value for key, value in values if value is not None}

    @classmethod
    def of(cls, event: Stored) -> Self:
        """Load a stored event. A field that an older version did not write raises AttributeError when it is read."""
        found = object.__new__(cls)
        for key, attribute in _stored_names(cls):
            if key in event.data:
                object.__setattr__(found, attribute, event.data[key])
        return found


CATALOGUE: dict[str, type[DomainEvent]] = {}


def name_of(kind: type[DomainEvent]) -> str:
    """Return an event's name. Raises TypeError for what is not in the catalogue, such as a base or a string."""
    name = getattr(kind, "name", "")
    if CATALOGUE.get(name) is not kind:
        raise TypeError(f"{kind!r} is no event of the catalogue (portal.work.catalogue).")
    return name


def _stored_names(kind: type[DomainEvent]) -> list[tuple[str, str]]:
    return [(field.name.rstrip("_"), field.name) for field in fields(kind)]
