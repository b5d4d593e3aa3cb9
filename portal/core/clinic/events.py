"""Events of master data: centres, specialties, holidays, quotas, imported files."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class MasterSaved(DomainEvent, about="the list: centres, specialties or holidays"):
    """A row of master data is added or changed."""

    key: Annotated[str, "the row's own key: a code or a day"]


@dataclass(frozen=True)
class HolidayDeleted(DomainEvent, about="the holiday, by its row"):
    """A holiday is deleted; the day is a working day again."""


@dataclass(frozen=True)
class SessionQuotaChanged(DomainEvent, about="the session"):
    """A session's quota is changed; issued numbers stay."""

    quota: Annotated[int, "how many tokens the session gives at most"]


@dataclass(frozen=True)
class Imported(DomainEvent, about="the list, such as beneficiaries or formulary"):
    """A list was imported, on its page or by the command `portal import`."""

    taken: Annotated[int, "lines imported"]
    refused: Annotated[int, "lines refused"]
