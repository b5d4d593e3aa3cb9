"""Events of prescriptions."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class PrescriptionIssued(DomainEvent, about="the prescription"):
    """The doctor issued a prescription; its file is not made yet."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number that is printed"]
    medicines: Annotated[int, "how many medicines it has"]
    outside_lists: Annotated[int, "how many of them are left to the doctor's judgement by the guidelines' lists"]
    judged: Annotated[bool, "whether the doctor answered a question about what was written"]


@dataclass(frozen=True)
class PrescriptionStored(DomainEvent, about="the prescription"):
    """The file is stored and can be read."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number that is printed"]
    signed: Annotated[bool, "whether the file carries a digital signature"] = False


@dataclass(frozen=True)
class PrescriptionSigned(DomainEvent, about="the prescription"):
    """A signed file is stored after an unsigned one: of a signature that failed before, or with a stamp."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number that is printed"]
    kind: Annotated[str, "issued, or what its stamp says: cancelled or replaced"]


@dataclass(frozen=True)
class PrescriptionStuck(DomainEvent, about="the prescription"):
    """Making the file failed so often that somebody must look; once for each prescription."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number that is printed"]


@dataclass(frozen=True)
class PrescriptionMisprinted(DomainEvent, about="the prescription"):
    """Its paper says milligrams where micrograms are meant; found by the command portal misprints."""

    number: Annotated[str, "the number that is printed"]


@dataclass(frozen=True)
class PrescriptionAmended(DomainEvent, about="the new version"):
    """The author issued a further version, which replaces the one before; its file is not made yet."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number that is printed on the new version"]
    version: Annotated[int, "which version it is, from 2"]
    replaces: Annotated[str, "the number of the version that is no longer valid"]
    medicines: Annotated[int, "how many medicines it has"]
    outside_lists: Annotated[int, "how many of them are left to the doctor's judgement by the guidelines' lists"]
    judged: Annotated[bool, "whether the doctor answered a question about what was written"]


@dataclass(frozen=True)
class PrescriptionCancelled(DomainEvent, about="the prescription"):
    """A prescription is cancelled: no centre gives anything on it any more."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number that is printed"]
    version: Annotated[int, "which version it is, from 1"]
    cancelled_as: Annotated[str, "author, colleague (the author is away) or administrator (by number alone)"]
    alone: Annotated[
        bool | None, "of an administrator: whether no second one confirmed it; left out for doctors, who need none"
    ]
