"""Invalid documents: each with the one check that must refuse it.

`r4` is pyfhircheck with base R4 and the guide's profiles, `types` is fhirkit, `ours` is the bridge's own.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portal_plugins.esanjeevani_bridge.fhir.documents import document

from .records import FULL, SENDER

# Smaller than FULL, as validators are slow for every resource; envelopes are broken around a prescription.
GOOD = replace(FULL, vitals=(("pulse", 78.0),), medicines=FULL.medicines[:1], findings="", history="")

Change = Callable[[dict[str, Any], dict[str, Any]], object]
NOWHERE = "urn:uuid:00000000-0000-4000-8000-000000000000"
CODING = {"system": "http://id.who.int/icd/release/11/mms", "code": "8A81", "display": "Tension-type headache"}
PATTERN = "http://hl7.org/fhir/StructureDefinition/"


def _set(kind: str, *path: Any) -> Change:
    """Set the last part of `path`, from the first resource of this type."""
    *way, last, value = path

    def change(bundle: dict[str, Any], first: dict[str, Any]) -> None:
        place: Any = bundle if kind == "Bundle" else first[kind]
        for step in way:
            place = place[step]
        place[last] = value

    return change


def _drop(kind: str, *path: Any) -> Change:
    """Delete what `path` leads to."""
    *way, last = path

    def change(bundle: dict[str, Any], first: dict[str, Any]) -> None:
        place: Any = bundle if kind == "Bundle" else first[kind]
        for step in way:
            place = place[step]
        del place[last]

    return change


def _section_again(bundle: dict[str, Any], first: dict[str, Any]) -> None:
    first["Composition"]["section"].append(copy.deepcopy(first["Composition"]["section"][0]))


# name -> (document, change, the check that must refuse it)
BROKEN: dict[str, tuple[str, Change, str]] = {
    "no status": ("prescription", _drop("Composition", "status"), "r4"),
    "an unknown status": ("prescription", _set("Composition", "status", "done"), "r4"),
    "no subject": ("prescription", _drop("Composition", "subject"), "r4"),
    "no title": ("prescription", _drop("Composition", "title"), "r4"),
    "no author": ("prescription", _drop("Composition", "author"), "r4"),
    "no date": ("prescription", _drop("Composition", "date"), "r4"),
    "a date without offset": ("visit", _set("Composition", "date", "2026-11-23T10:00:00"), "r4"),
    "the other document's type": ("visit", _set("Composition", "type", "coding", 0, "code", "440545006"), "r4"),
    "a prescription of two sections": ("prescription", _section_again, "r4"),
    "a consultation without encounter": ("visit", _drop("Composition", "encounter"), "r4"),
    "a section of nothing": ("visit", _set("Composition", "section", 0, {"title": "Empty"}), "r4"),
    "no timestamp": ("prescription", _drop("Bundle", "timestamp"), "r4"),
    "no identifier": ("prescription", _drop("Bundle", "identifier"), "r4"),
    "a request in a document": (
        "prescription",
        _set("Bundle", "entry", 0, "request", {"method": "POST", "url": "X"}),
        "r4",
    ),
    "the composition not first": ("prescription", lambda b, f: b["entry"].insert(0, b["entry"].pop(1)), "r4"),
    "one address twice": ("prescription", lambda b, f: b["entry"].append(copy.deepcopy(b["entry"][1])), "r4"),
    "a resource that is none": ("visit", _set("Patient", "resourceType", "Patientt"), "r4"),
    "a field that is none": ("visit", _set("Patient", "gendr", "male"), "r4"),
    "a gender by letter": ("visit", _set("Patient", "gender", "M"), "r4"),
    "a patient without number": ("visit", _drop("Patient", "identifier"), "r4"),
    "a number of no kind": ("visit", _drop("Patient", "identifier", 0, "type"), "r4"),
    "a patient without written name": ("visit", _set("Patient", "name", [{"family": "Kumar"}]), "r4"),
    "a doctor without number": ("visit", _drop("Practitioner", "identifier"), "r4"),
    "a clinic without name": ("visit", _drop("Organization", "name"), "r4"),
    "a script in the narrative": (
        "visit",
        _set("Patient", "text", "div", '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>'),
        "r4",
    ),
    "an id with a blank": ("visit", _set("Patient", "id", "a b"), "r4"),
    "a medicine of no name": ("prescription", _drop("MedicationRequest", "medicationCodeableConcept"), "r4"),
    "a medicine two ways": (
        "prescription",
        _set("MedicationRequest", "medicationReference", {"reference": "Medication/1"}),
        "r4",
    ),
    "a medicine without day": ("prescription", _drop("MedicationRequest", "authoredOn"), "r4"),
    "a medicine that nobody asked for": ("prescription", _drop("MedicationRequest", "requester"), "r4"),
    "a medicine without instruction": ("prescription", _drop("MedicationRequest", "dosageInstruction"), "r4"),
    "a medicine for an organisation": (
        "prescription",
        _set("MedicationRequest", "subject", {"reference": "Organization/1"}),
        "r4",
    ),
    "an instruction that is a number": (
        "prescription",
        _set("MedicationRequest", "dosageInstruction", 0, "text", 5),
        "r4",
    ),
    "tests that nobody asked for": ("visit", _drop("ServiceRequest", "requester"), "r4"),
    "a follow-up without start": ("visit", _drop("Appointment", "start"), "r4"),
    "a file without bytes": ("prescription", _drop("Binary", "data"), "r4"),
    "a resolved condition that was an error": (
        "visit",
        _set(
            "Condition",
            "verificationStatus",
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}
                ]
            },
        ),
        "r4",
    ),
    "an impossible birthday": ("visit", _set("Patient", "birthDate", "1981-13-40"), "types"),
    "a name that is no list": ("visit", _set("Patient", "name", {"text": "x"}), "types"),
    "a system with a blank": ("visit", _set("Patient", "identifier", 0, "system", "not a uri"), "types"),
    "bytes that are none": ("prescription", _set("Binary", "data", "@@@"), "types"),
    "an empty list": ("visit", _set("Composition", "section", 0, "entry", []), "types"),
    "a reference to nowhere": ("visit", _set("Composition", "author", 0, "reference", NOWHERE), "ours"),
    "a resource that nobody names": (
        "visit",
        lambda b, f: b["entry"].append(
            {"fullUrl": NOWHERE, "resource": f["Patient"] | {"id": NOWHERE.removeprefix("urn:uuid:")}}
        ),
        "ours",
    ),
    "an address that is not the id": ("visit", lambda b, f: b["entry"][-1]["resource"].update(id="x"), "ours"),
    "an entry without type": ("prescription", _drop("Composition", "section", 0, "entry", 0, "type"), "ours"),
    "a wrong type": ("visit", _set("Composition", "section", 0, "entry", 0, "type", "Patient"), "ours"),
    "a patient in the prescription's section": (
        "prescription",
        lambda b, f: f["Composition"]["section"][0]["entry"].append(
            {"reference": b["entry"][1]["fullUrl"], "type": "Patient"}
        ),
        "ours",
    ),
    "another section code": (
        "visit",
        _set("Composition", "section", 0, "code", "coding", 0, "code", "736271009"),
        "ours",
    ),
    "another section display": (
        "visit",
        _set("Composition", "section", 0, "code", "coding", 0, "display", "Complaints"),
        "ours",
    ),
    "a section twice": ("visit", _section_again, "ours"),
    "a complaint among the medicines": (
        "visit",
        lambda b, f: f["Composition"]["section"][3]["entry"].append(dict(f["Composition"]["section"][0]["entry"][0])),
        "ours",
    ),
    "a diagnosis in ICD-11": ("visit", lambda b, f: f["Condition"]["code"].update(coding=[CODING]), "ours"),
    "a code without display": ("visit", lambda b, f: f["Observation"]["code"]["coding"][0].pop("display"), "ours"),
    "no profile": ("visit", _set("Patient", "meta", "profile", [PATTERN + "Patient"]), "ours"),
    "a file that is no PDF": ("prescription", _set("Binary", "data", "aGVsbG8="), "ours"),
    "no version": ("visit", _drop("Bundle", "meta", "versionId"), "ours"),
    "a prescription that states the other profile": (
        "prescription",
        lambda b, f: f["Composition"]["meta"].update(
            profile=["https://nrces.in/ndhm/fhir/r4/StructureDefinition/OPConsultRecord"]
        ),
        "ours",
    ),
}


def broken(name: str) -> dict[str, Any]:
    """Return the document of that name."""
    kind, change, _ = BROKEN[name]
    bundle = copy.deepcopy(document(kind, GOOD, SENDER))
    first: dict[str, Any] = {}
    for entry in bundle["entry"]:
        first.setdefault(entry["resource"]["resourceType"], entry["resource"])
    change(bundle, first)
    return bundle


def touched(name: str) -> list[dict[str, Any]]:
    """Return the resources that the change touched; the whole document when it touched more than resources."""
    good, bad = document(BROKEN[name][0], GOOD, SENDER), broken(name)
    resources = [entry["resource"] for entry in bad["entry"]]
    before = [entry.pop("resource") for entry in good["entry"]]
    if {**bad, "entry": [{k: v for k, v in entry.items() if k != "resource"} for entry in bad["entry"]]} != good:
        return [bad]
    return [new for new, old in zip(resources, before, strict=True) if new != old]
