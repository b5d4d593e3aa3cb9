"""What happens to the clinic's lists: centres, specialties, holidays, quotas, and files taken over."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class MasterSaved(DomainEvent, about="the list: centres, specialties or holidays"):
    """A row of a list is new or changed."""

    key: Annotated[str, "the row's own key: a code or a day"]


@dataclass(frozen=True)
class HolidayDeleted(DomainEvent, about="the holiday, by its row"):
    """A day is a working day again."""


@dataclass(frozen=True)
class SessionQuotaChanged(DomainEvent, about="the session"):
    """A session takes more people or fewer; numbers already given stay."""

    quota: Annotated[int, "how many tokens the session gives at most"]


@dataclass(frozen=True)
class Imported(DomainEvent, about="the list, such as beneficiaries or formulary"):
    """The command portal import took a file over."""

    taken: Annotated[int, "lines that were taken"]
    refused: Annotated[int, "lines that were refused"]
