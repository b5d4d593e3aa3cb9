"""Validation of a transaction of MedicationDispense resources, as far as general validators do not see it."""

from collections.abc import Iterator
from typing import Any

STATUSES = ("completed", "entered-in-error")
REQUIRED = (
    "identifier",
    "medicationCodeableConcept",
    "subject",
    "performer",
    "authorizingPrescription",
    "quantity",
    "whenHandedOver",
    "dosageInstruction",
)


def faults(bundle: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (place, what is wrong)."""
    if bundle["resourceType"] != "Bundle" or not bundle["entry"]:
        yield "Bundle.entry", "must be a Bundle of at least one resource"
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if entry["request"] != {"method": "PUT", "url": f"MedicationDispense/{resource['id']}"}:
            yield "Bundle.entry.request", "must put the resource under its own id"
        if resource["resourceType"] == "MedicationDispense":
            yield from _lacks(resource)
        else:
            yield resource["resourceType"], "has no place in this transaction"


def _lacks(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if resource.get("status") not in STATUSES:
        yield "MedicationDispense.status", f"must be {' or '.join(STATUSES)}"
    for name in REQUIRED:
        if not resource.get(name):
            yield f"MedicationDispense.{name}", "is required"
    for name in ("subject", "context"):
        if not resource.get(name, {}).get("identifier", {}).get("value"):
            yield f"MedicationDispense.{name}", "must name its number"
    if not resource.get("quantity", {}).get("value", 0) > 0:
        yield "MedicationDispense.quantity", "must be more than nothing"
