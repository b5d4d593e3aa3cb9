"""Events of the pharmacy."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class MedicinesDispensed(DomainEvent, about="the handing over"):
    """A pharmacist dispensed medicines."""

    prescription: Annotated[str, "uid of the prescription"]
    visit: Annotated[str, "uid of the visit"]
    centre: Annotated[str, "code of the wellness centre"]
    items: Annotated[int, "how many medicines were handed over, in part or whole"]
    permission: Annotated[str, "number of the letter that permits more than a part; empty without one"] = ""


@dataclass(frozen=True)
class DispensingReversed(DomainEvent, about="the handing over"):
    """A pharmacist reversed a dispensing: its medicines count as not given."""

    prescription: Annotated[str, "uid of the prescription"]
    visit: Annotated[str, "uid of the visit"]
    centre: Annotated[str, "code of the wellness centre"]
    items: Annotated[int, "how many medicines it had"]


@dataclass(frozen=True)
class MedicineIndented(DomainEvent, about="the indent"):
    """A pharmacist ordered a medicine from the authorised local chemist."""

    prescription: Annotated[str, "uid of the prescription"]
    visit: Annotated[str, "uid of the visit"]
    centre: Annotated[str, "code of the wellness centre"]
    number: Annotated[str, "the number of the indent"]
    permission: Annotated[str, "number of the letter that permits more than a part; empty without one"] = ""


@dataclass(frozen=True)
class IndentReady(DomainEvent, about="the indent"):
    """The medicine has arrived; the patient can collect it."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number of the indent"]


@dataclass(frozen=True)
class IndentEnded(DomainEvent, about="the indent"):
    """An indent is over."""

    visit: Annotated[str, "uid of the visit"]
    number: Annotated[str, "the number of the indent"]
    state: Annotated[str, "collected, lapsed, withdrawn, or overtaken by a change of the prescription"]


@dataclass(frozen=True)
class PermissionScanned(DomainEvent, about="the prescription"):
    """A pharmacist added the scan of a written permission; nobody can open it before it is cleaned."""

    record: Annotated[str, "uid of the scan"]
    number: Annotated[str, "number of the letter"]


@dataclass(frozen=True)
class PermissionRead(DomainEvent, about="the prescription"):
    """A pharmacist opened the scan of a written permission."""

    record: Annotated[str, "uid of the scan"]
    number: Annotated[str, "number of the letter"]
