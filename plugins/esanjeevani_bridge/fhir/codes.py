"""Codes and URLs of the ABDM/NRCeS guide (ndhm.in 6.5.0, FHIR R4), displays exactly as the guide has them."""

from typing import Any, NamedTuple

NRCES = "https://nrces.in/ndhm/fhir/r4/StructureDefinition/"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
NDHM_TYPES = "https://nrces.in/ndhm/fhir/r4/CodeSystem/ndhm-identifier-type-code"
V2_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CLINICAL_STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

# NRCeS prescribes no system for these identifiers, the type code decides; these are in use (NHA's wrapper).
ABHA_SYSTEM = "https://healthid.abdm.gov.in"
FACILITY_SYSTEM = "https://facility.abdm.gov.in"


class Code(NamedTuple):
    """A coding: system, code, display."""

    system: str
    code: str
    display: str

    def coding(self) -> dict[str, str]:
        """Build a FHIR Coding."""
        return {"system": self.system, "code": self.code, "display": self.display}

    def concept(self, text: str = "") -> dict[str, Any]:
        """Build a CodeableConcept of this one code."""
        return {"coding": [self.coding()]} | ({"text": text} if text else {})


PRESCRIPTION = Code(SNOMED, "440545006", "Prescription record")
CONSULTATION = Code(SNOMED, "371530004", "Clinical consultation report")

# Sections of OPConsultRecord by the guide's slice name, with the resource types allowed in each.
SECTIONS: dict[str, tuple[Code, frozenset[str]]] = {
    "ChiefComplaints": (Code(SNOMED, "422843007", "Chief complaint section"), frozenset({"Condition"})),
    "PhysicalExamination": (Code(SNOMED, "425044008", "Physical exam section"), frozenset({"Observation"})),
    "Allergies": (Code(SNOMED, "722446000", "Allergy record"), frozenset({"AllergyIntolerance"})),
    "MedicalHistory": (Code(SNOMED, "371529009", "History and physical report"), frozenset({"Condition", "Procedure"})),
    "FamilyHistory": (Code(SNOMED, "422432008", "Family history section"), frozenset({"FamilyMemberHistory"})),
    "InvestigationAdvice": (Code(SNOMED, "721963009", "Order document"), frozenset({"ServiceRequest"})),
    "Medications": (
        Code(SNOMED, "721912009", "Medication summary document"),
        frozenset({"MedicationRequest", "MedicationStatement"}),
    ),
    "FollowUp": (Code(SNOMED, "390906007", "Follow-up encounter"), frozenset({"Appointment"})),
    "Procedure": (Code(SNOMED, "371525003", "Clinical procedure report"), frozenset({"Procedure"})),
    "Referral": (Code(SNOMED, "306206005", "Referral to service"), frozenset({"ServiceRequest"})),
    "OtherObservations": (Code(SNOMED, "404684003", "Clinical finding"), frozenset({"Observation"})),
    "DocumentReference": (CONSULTATION, frozenset({"DocumentReference"})),
}

BEN_ID = Code(NDHM_TYPES, "CGHS", "Central Government Health Scheme (CGHS) ID")
ABHA_NUMBER = Code(NDHM_TYPES, "HIN", "Health ID issued by NDHM")
# Indeed: the code named ABHA is the address, HIN the number.
ABHA_ADDRESS = Code(NDHM_TYPES, "ABHA", "Ayushman Bharat Health Account (ABHA) ID")
PATIENT_ID = Code(V2_TYPES, "MR", "Medical record number")
UNSPECIFIED = Code(V2_TYPES, "U", "Unspecified identifier")
REGISTRATION = Code(V2_TYPES, "MD", "Medical License number")
PROVIDER = Code(V2_TYPES, "PRN", "Provider number")
REFERRAL_NUMBER = Code(V2_TYPES, "PLAC", "Placer Identifier")

VERY_RESTRICTED = Code(CONFIDENTIALITY, "V", "very restricted")
VIRTUAL = Code(ACT, "VR", "virtual")
ACTIVE = Code(CLINICAL_STATUS, "active", "Active")
VITAL_SIGNS = Code(OBSERVATION_CATEGORY, "vital-signs", "Vital Signs")
GENERAL_PRACTICE = Code(SNOMED, "408443003", "General medical practice")
CONSULT_SERVICE = Code(SNOMED, "11429006", "Consultation")
FOLLOW_UP_VISIT = Code(SNOMED, "185389009", "Follow-up visit")

SPECIALTIES = {
    "medicine": Code(SNOMED, "394802001", "General medicine"),
    "orthopaedics": Code(SNOMED, "394801008", "Trauma and orthopaedics"),
    "eye": Code(SNOMED, "394594003", "Ophthalmology"),
    "ent": Code(SNOMED, "418960008", "Otolaryngology"),
    "psychiatry": Code(SNOMED, "394587001", "Psychiatry"),
}


class Vital(NamedTuple):
    """Coding of one measurement: LOINC, the UCUM unit and its notation, the profile's name."""

    code: Code
    unit: str
    written: str
    profile: str


PRESSURE = Code(LOINC, "85354-9", "Blood pressure panel with all children optional")
SYSTOLIC = Vital(Code(LOINC, "8480-6", "Systolic blood pressure"), "mm[Hg]", "mmHg", "ObservationVitalSigns")
DIASTOLIC = Vital(Code(LOINC, "8462-4", "Diastolic blood pressure"), "mm[Hg]", "mmHg", "ObservationVitalSigns")
VITALS = {
    "pulse": Vital(Code(LOINC, "8867-4", "Heart rate"), "/min", "/min", "ObservationVitalSigns"),
    "spo2": Vital(Code(LOINC, "2708-6", "Oxygen saturation in Arterial blood"), "%", "%", "ObservationVitalSigns"),
    "temperature": Vital(Code(LOINC, "8310-5", "Body temperature"), "Cel", "°C", "ObservationVitalSigns"),
    "weight": Vital(Code(LOINC, "29463-7", "Body weight"), "kg", "kg", "ObservationBodyMeasurement"),
    "height": Vital(Code(LOINC, "8302-2", "Body height"), "cm", "cm", "ObservationBodyMeasurement"),
    "glucose": Vital(Code(LOINC, "2339-0", "Glucose [Mass/volume] in Blood"), "mg/dL", "mg/dL", "Observation"),
}
