"""The guide's profiles as data: required elements, and the allowed code systems."""

from .codes import ICD10, LOINC, SNOMED

# Allowed profiles of each resource type.
PROFILES: dict[str, frozenset[str]] = {
    "Composition": frozenset({"PrescriptionRecord", "OPConsultRecord"}),
    "Observation": frozenset({"Observation", "ObservationVitalSigns", "ObservationBodyMeasurement"}),
} | {
    kind: frozenset({kind})
    for kind in (
        "Patient",
        "Practitioner",
        "Organization",
        "Encounter",
        "Condition",
        "MedicationRequest",
        "ServiceRequest",
        "Appointment",
        "DocumentReference",
        "Binary",
    )
}

# Paths that are required wherever their parent is: 1.. in the guide or in base R4.
REQUIRED: dict[str, tuple[str, ...]] = {
    "Composition": ("status", "type", "subject", "date", "author", "author.reference", "title", "section"),
    "Patient": ("identifier", "identifier.type", "identifier.value", "name", "name.text"),
    "Practitioner": ("identifier", "identifier.type", "identifier.value", "name", "name.text"),
    "Organization": ("identifier", "identifier.type", "identifier.system", "identifier.value", "name"),
    "Encounter": ("status", "class", "subject"),
    "Condition": ("code", "subject"),
    "MedicationRequest": (
        "status",
        "intent",
        "medicationCodeableConcept",
        "subject",
        "authoredOn",
        "requester",
        "dosageInstruction",
        "dosageInstruction.text",
    ),
    "Observation": ("status", "code"),
    "ServiceRequest": ("status", "intent", "code", "subject", "requester"),
    "Appointment": ("status", "start", "participant", "participant.status"),
    "DocumentReference": ("status", "content", "content.attachment.contentType", "content.attachment.data"),
    "Binary": ("contentType", "data"),
}

_SNOMED = frozenset({SNOMED})

# Codings that the guide closes to certain systems; each needs its code and its display.
CODED: dict[str, dict[str, frozenset[str]]] = {
    "Condition": {"code.coding": frozenset({ICD10, SNOMED})},
    "Observation": {"code.coding": frozenset({LOINC, SNOMED})},
    "ServiceRequest": {"code.coding": _SNOMED},
    "MedicationRequest": {
        "medicationCodeableConcept.coding": _SNOMED,
        "reasonCode.coding": _SNOMED,
        "dosageInstruction.additionalInstruction.coding": _SNOMED,
        "dosageInstruction.route.coding": _SNOMED,
        "dosageInstruction.method.coding": _SNOMED,
    },
    "Appointment": {
        f"{name}.coding": _SNOMED for name in ("serviceCategory", "serviceType", "specialty", "appointmentType")
    },
}

# Resources whose identifiers need a type.
TYPED_NUMBERS = frozenset({"Patient", "Practitioner", "Organization"})
