"""Events of break-glass."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class RecordOpened(DomainEvent, about="the person"):
    """An administrator may read a person's record for half an hour; the family is told."""

    reason: Annotated[str, "why, in the administrator's words"]
    alone: Annotated[bool, "nobody else confirmed it, as the setting asks for nobody"]
