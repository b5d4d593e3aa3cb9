"""Validation of a document by the NRCeS guide, as far as the portal sends or receives it.

Base R4 is for general validators (tests use two); here is what they miss and what the guide adds.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import check_dispensed, codes
from .codes import Code
from .guide import CODED, PROFILES, REQUIRED, TYPED_NUMBERS

Resource = dict[str, Any]
Problems = Iterator["Problem"]


@dataclass(frozen=True)
class Problem:
    """A violation: the rule's name, the place, and what is wrong."""

    rule: str
    where: str
    text: str


def problems(bundle: Resource) -> list[Problem]:
    """Return every violation of a document or of a transaction; empty when it may be sent or accepted."""
    try:
        if bundle.get("type") == "transaction":
            return [Problem("dispensed", where, text) for where, text in check_dispensed.faults(bundle)]
        return [found for check in _CHECKS for found in check(bundle)]
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        return [Problem("shape", "Bundle", f"the document has another shape: {error!r}"[:200])]


def _envelope(bundle: Resource) -> Problems:
    for path in ("meta.versionId", "meta.profile", "identifier.system", "identifier.value", "timestamp", "entry"):
        if not any(values_at(bundle, path)):
            yield Problem("envelope", path, "is required in a document")
    if (bundle["resourceType"], bundle["type"]) != ("Bundle", "document"):
        yield Problem("envelope", "type", "must be document")
    if codes.NRCES + "DocumentBundle" not in values_at(bundle, "meta.profile"):
        yield Problem("envelope", "meta.profile", "must be DocumentBundle")
    if bundle["entry"][0]["resource"]["resourceType"] != "Composition":
        yield Problem("first", "entry[0]", "must be the Composition")


def _addresses(bundle: Resource) -> Problems:
    for url, count in Counter(entry["fullUrl"] for entry in bundle["entry"]).items():
        if count > 1:
            yield Problem("address", url, "stands twice")
    for entry in bundle["entry"]:
        if entry["fullUrl"] != f"urn:uuid:{entry['resource']['id']}":
            yield Problem("address", entry["fullUrl"], "is not the id of its resource")


def _references(bundle: Resource) -> Problems:
    """Check that every reference is resolved inside the document, and that everything is referenced."""
    targets = {entry["fullUrl"]: set(_pointers(entry["resource"])) for entry in bundle["entry"]}
    for url, pointers in targets.items():
        for missing in sorted(pointers - targets.keys()):
            yield Problem("reference", url, f"points to {missing}, which is not in the document")
    reached, ahead = set(), [bundle["entry"][0]["fullUrl"]]
    while ahead:
        url = ahead.pop()
        if url not in reached:
            reached.add(url)
            ahead += targets.get(url, ())
    for url in sorted(targets.keys() - reached):
        yield Problem("reference", url, "nothing in the document points to it")


def _kinds(bundle: Resource) -> Problems:
    """Check that a typed reference leads to that type."""
    kinds = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    for entry in bundle["entry"]:
        for reference in _reference_objects(entry["resource"]):
            kind = kinds.get(reference.get("reference", ""))
            if kind and reference.get("type", kind) != kind:
                yield Problem("kind", entry["fullUrl"], f"says {reference['type']} and leads to {kind}")


def _resources(bundle: Resource) -> Problems:
    for entry in bundle["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        if kind not in PROFILES:
            yield Problem("profile", kind, "has no place in these documents")
            continue
        stated = [url.removeprefix(codes.NRCES) for url in values_at(resource, "meta.profile")]
        if not set(stated) & PROFILES[kind]:
            yield Problem("profile", kind, "states none of the guide's profiles")
        yield from _minimum(kind, resource)


def _minimum(kind: str, resource: Resource) -> Problems:
    for path in REQUIRED.get(kind, ()):
        parent, _, leaf = path.rpartition(".")
        holders = list(values_at(resource, parent)) if parent else [resource]
        if not holders or any(not holder.get(leaf) for holder in holders):
            yield Problem("required", f"{kind}.{path}", "is required")
    for path, systems in CODED.get(kind, {}).items():
        for coding in values_at(resource, path):
            if coding.get("system") not in systems or not coding.get("code") or not coding.get("display"):
                yield Problem("coding", f"{kind}.{path}", f"only {', '.join(sorted(systems))}, with code and display")
    for number in resource.get("identifier", ()) if kind in TYPED_NUMBERS else ():
        if not all(coding.keys() >= {"system", "code", "display"} for coding in values_at(number, "type.coding")):
            yield Problem("coding", f"{kind}.identifier.type", "needs system, code and display")


def _composition(bundle: Resource) -> Problems:
    head = bundle["entry"][0]["resource"]
    kinds = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    if kinds.get(head["subject"]["reference"]) != "Patient":
        yield Problem("subject", "Composition.subject", "must be the Patient of the document")
    profile = {url.removeprefix(codes.NRCES) for url in head["meta"]["profile"]}
    if "PrescriptionRecord" in profile:
        yield from _type(head, codes.PRESCRIPTION)
        yield from _prescription(head, kinds)
    else:
        yield from _type(head, codes.CONSULTATION)
        yield from _consultation(head, kinds)


def _type(head: Resource, wanted: Code) -> Problems:
    if head["type"]["coding"] != [wanted.coding()]:
        yield Problem("type", "Composition.type", f"must be exactly {wanted.code} {wanted.display}")


def _prescription(head: Resource, kinds: dict[str, str]) -> Problems:
    if len(head["section"]) != 1:
        yield Problem("sections", "Composition.section", "there must be exactly one")
    for section in head["section"]:
        if section["code"]["coding"] != [codes.PRESCRIPTION.coding()]:
            yield Problem("sections", "Composition.section.code", "must be Prescription record")
        types = Counter(entry.get("type") for entry in section.get("entry", ()))
        if not types or set(types) - {"MedicationRequest", "Binary"} or types["Binary"] > 1:
            yield Problem(
                "entries", "Composition.section.entry", "MedicationRequest, and at most one Binary, each typed"
            )


def _consultation(head: Resource, kinds: dict[str, str]) -> Problems:
    if kinds.get(head.get("encounter", {}).get("reference")) != "Encounter":
        yield Problem("encounter", "Composition.encounter", "is required")
    known = dict(codes.SECTIONS.values())
    found = Counter(_code_of(section) for section in head["section"])
    for code, count in found.items():
        if code not in known or count > 1:
            yield Problem("sections", "Composition.section", f"{code.display}: not a section of the guide, or twice")
    for section in head["section"]:
        allowed = known.get(_code_of(section), frozenset())
        if {kinds.get(entry["reference"]) for entry in section.get("entry", ())} - allowed:
            yield Problem("entries", section["title"], f"only {', '.join(sorted(allowed))}")


def _code_of(section: Resource) -> Code:
    coding = section["code"]["coding"][0]
    return Code(coding["system"], coding["code"], coding["display"])


def _files(bundle: Resource) -> Problems:
    """Check attachments: valid base64, a PDF."""
    for entry in bundle["entry"]:
        resource = entry["resource"]
        attachments = [resource] if resource["resourceType"] == "Binary" else values_at(resource, "content.attachment")
        for attachment in attachments:
            try:
                content = base64.b64decode(attachment.get("data", ""), validate=True)
            except (binascii.Error, ValueError):
                content = b""
            if attachment.get("contentType") == "application/pdf" and not content.startswith(b"%PDF-"):
                yield Problem("file", resource["resourceType"], "is not a PDF in base64")


_CHECKS: tuple[Callable[[Resource], Problems], ...] = (
    _envelope,
    _addresses,
    _references,
    _kinds,
    _resources,
    _composition,
    _files,
)


def values_at(resource: Any, path: str) -> Iterator[Any]:
    """Yield every value at a dotted path, through lists."""
    if isinstance(resource, list):
        for one in resource:
            yield from values_at(one, path)
    elif not path:
        yield resource
    elif isinstance(resource, dict):
        first, _, rest = path.partition(".")
        if first in resource:
            yield from values_at(resource[first], rest)


def _reference_objects(value: Any) -> Iterator[Resource]:
    if isinstance(value, list):
        for one in value:
            yield from _reference_objects(one)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for one in value.values():
            yield from _reference_objects(one)


def _pointers(resource: Resource) -> Iterator[str]:
    return (reference["reference"] for reference in _reference_objects(resource))
