"""Clinical resources of a document: what was found, decided and prescribed."""

from typing import Any

from portal.api.documents import frequency_in_words, times_a_day
from portal.contracts import MedicineRecord

from . import codes
from .codes import Vital
from .draft import Draft, instant, narrative, whole_day

# Separator in a medicine's name, for which the guide has one text only; a dot in a part is doubled.
BETWEEN = " · "
FIRST, FOLLOW_UP = "First consultation", "Follow-up consultation"
BY = "Tele-consultation by "
AS_DIRECTED = "As directed"
PATIENT_PRESENT, CAME_ALONG = "Patient present", "Accompanying adult"
SPOKE = "Caregiver speaking for the patient"


def encounter(draft: Draft) -> dict[str, Any]:
    """Build the virtual Encounter, with its diagnosis."""
    record = draft.record
    kind = codes.FOLLOW_UP_VISIT.concept(FOLLOW_UP) if record.kind == "follow_up" else {"text": FIRST}
    known = codes.SPECIALTIES.get(record.specialty)
    service = known or codes.Code(draft.system("specialty"), record.specialty, record.specialty_name)
    slip = draft.identifier(codes.REFERRAL_NUMBER, draft.system("referral"), record.referral)
    return draft.entry(
        "encounter",
        "Encounter",
        "Encounter",
        text=narrative(record.specialty_name),
        status="finished",
        identifier=[{"system": draft.system("visit"), "value": record.uid}],
        **{"class": codes.VIRTUAL.coding()},
        type=[kind, *([{"text": BY + record.mode}] if record.mode else [])],
        serviceType=service.concept(record.specialty_name),
        subject=draft.reference("patient"),
        participant=[{"individual": draft.reference("doctor")}, *_present(draft)],
        period={"start": _instant(draft, "started_at"), "end": _instant(draft, "ended_at")},
        basedOn=[{"type": "ServiceRequest", "identifier": slip}] if record.referral else [],
        diagnosis=[{"condition": draft.reference("diagnosis")}] if record.diagnosis else [],
        serviceProvider=draft.reference("institution"),
    )


def _present(draft: Draft) -> list[dict[str, Any]]:
    """List who was present: the patient, and the adult who came along, named only, as no record here is theirs."""
    record, adult = draft.record, draft.record.guardian
    found: list[dict[str, Any]] = [{"type": [{"text": PATIENT_PRESENT}]}] if record.present == "patient" else []
    if adult is not None:
        part = SPOKE if record.present == "caregiver" else CAME_ALONG
        said = [{"text": text} for text in (part, adult.relation, adult.identity) if text]
        found.append({"type": said, "individual": {"type": "RelatedPerson", "display": adult.name}})
    return found


def condition(draft: Draft, part: str, text: str, icd10: str = "") -> dict[str, Any]:
    """Build a Condition from a complaint, a history or the diagnosis; the last with its ICD-10 code."""
    code: dict[str, Any] = {"text": text}
    if icd10:
        code["coding"] = [codes.Code(codes.ICD10, icd10, text).coding()]
    return draft.entry(
        part,
        "Condition",
        "Condition",
        text=narrative(text),
        clinicalStatus=codes.ACTIVE.concept(),
        code=code,
        subject=draft.reference("patient"),
        encounter=draft.reference("encounter"),
        asserter=draft.reference("doctor"),
    )


def words(draft: Draft, part: str, label: str, text: str) -> dict[str, Any]:
    """Build an Observation of findings or advice in the doctor's words."""
    return _observation(draft, part, "Observation", {"text": label}, text, valueString=text)


def vitals(draft: Draft) -> list[dict[str, Any]]:
    """Build an Observation of each measurement; the two pressures make one panel."""
    measured = dict(draft.record.vitals)
    panel = [_pressure(draft, measured)] if measured.keys() & {"systolic", "diastolic"} else []
    return panel + [_vital(draft, name, measured[name]) for name in codes.VITALS if name in measured]


def service_request(draft: Draft) -> dict[str, Any]:
    """Build the ServiceRequest of the tests."""
    text = draft.record.investigations
    return draft.entry(
        "investigations",
        "ServiceRequest",
        "ServiceRequest",
        text=narrative(text),
        status="active",
        intent="order",
        code={"text": text},
        subject=draft.reference("patient"),
        encounter=draft.reference("encounter"),
        authoredOn=_instant(draft, "issued_at"),
        requester=draft.reference("doctor"),
    )


def appointment(draft: Draft) -> dict[str, Any]:
    """Build the follow-up Appointment; no hour is agreed, so it covers the whole day."""
    record = draft.record
    day = whole_day(record.follow_up_on) if record.follow_up_on else {}
    specialty = codes.SPECIALTIES.get(record.specialty)
    return draft.entry(
        "follow-up",
        "Appointment",
        "Appointment",
        text=narrative(f"Follow-up on {record.follow_up_on}"),
        status="proposed",
        **day,
        serviceCategory=[codes.GENERAL_PRACTICE.concept()],
        serviceType=[codes.CONSULT_SERVICE.concept()],
        specialty=[specialty.concept()] if specialty else [],
        appointmentType=codes.FOLLOW_UP_VISIT.concept(),
        participant=[{"actor": draft.reference("patient"), "status": "needs-action"}],
    )


def medication_request(draft: Draft, place: int, item: MedicineRecord) -> dict[str, Any]:
    """Build the MedicationRequest of one medicine."""
    record = draft.record
    name = name_of(item)
    reason = [draft.reference("diagnosis")] if record.diagnosis else []
    return draft.entry(
        f"medicine-{place}",
        "MedicationRequest",
        "MedicationRequest",
        text=narrative(name, dosage_text(item)),
        identifier=[{"system": draft.system("medicine"), "value": f"{record.number}/{place + 1}"}],
        status="cancelled" if record.cancelled else "active",
        intent="order",
        medicationCodeableConcept={"text": name},
        subject=draft.reference("patient"),
        encounter=draft.reference("encounter"),
        authoredOn=_instant(draft, "issued_at"),
        requester=draft.reference("doctor"),
        reasonReference=reason,
        groupIdentifier={"system": draft.system("prescription"), "value": record.number},
        dosageInstruction=[dosage(item)],
        dispenseRequest=_dispense(draft, place, item),
    )


def name_of(item: MedicineRecord) -> str:
    """Join a medicine's name: Paracetamol · tablet · 500 mg"""
    parts = (item.drug, item.form, item.strength)
    last = 3 if item.strength else 2 if item.form else 1
    return BETWEEN.join(part.replace("·", "··") for part in parts[:last])


def dosage_text(item: MedicineRecord) -> str:
    """Format the whole instruction for people, the dose first."""
    days = f"for {item.duration_days} days" if item.duration_days else ""
    often = frequency_in_words(item.frequency, "en")
    return ", ".join(part for part in (item.dose, often, days, item.instructions) if part) or AS_DIRECTED


def dosage(item: MedicineRecord) -> dict[str, Any]:
    """Build the Dosage of a medicine."""
    made: dict[str, Any] = {"text": dosage_text(item)}
    if item.instructions:
        made["patientInstruction"] = item.instructions
    if item.frequency:
        times = times_a_day(item.frequency)
        repeat = {"repeat": {"frequency": times, "period": 1, "periodUnit": "d"}} if times else {}
        made["timing"] = repeat | {"code": {"text": item.frequency}}
    if item.frequency.upper() == "SOS":
        made["asNeededBoolean"] = True
    return made


def _dispense(draft: Draft, place: int, item: MedicineRecord) -> dict[str, Any]:
    dispense: dict[str, Any] = {"quantity": {"value": item.quantity}}
    ends = draft.record.collect_until
    if end := ends[place] if ends else draft.record.valid_until:
        dispense["validityPeriod"] = {"end": end.isoformat()}
    if item.duration_days:
        days = {"value": item.duration_days, "unit": "days", "system": codes.UCUM, "code": "d"}
        dispense["expectedSupplyDuration"] = days
    return dispense


def _vital(draft: Draft, name: str, value: float) -> dict[str, Any]:
    vital = codes.VITALS[name]
    quantity = _quantity(vital, value)
    shown = f"{value:g} {vital.written}"
    return _observation(draft, f"vital-{name}", vital.profile, vital.code.concept(), shown, valueQuantity=quantity)


def _pressure(draft: Draft, measured: dict[str, float]) -> dict[str, Any]:
    both = {"systolic": codes.SYSTOLIC, "diastolic": codes.DIASTOLIC}
    found = {name: vital for name, vital in both.items() if name in measured}
    parts = [
        {"code": vital.code.concept(), "valueQuantity": _quantity(vital, measured[name])}
        for name, vital in found.items()
    ]
    shown = ", ".join(f"{vital.code.display}: {measured[name]:g} mmHg" for name, vital in found.items())
    concept = codes.PRESSURE.concept()
    return _observation(draft, "vital-pressure", "ObservationVitalSigns", concept, shown, component=parts)


def _quantity(vital: Vital, value: float) -> dict[str, Any]:
    plain = int(value) if value == int(value) else value
    return {"value": plain, "unit": vital.written, "system": codes.UCUM, "code": vital.unit}


def _observation(
    draft: Draft, part: str, profile: str, code: dict[str, Any], shown: str, **value: Any
) -> dict[str, Any]:
    is_vital = profile == "ObservationVitalSigns"
    return draft.entry(
        part,
        "Observation",
        profile,
        text=narrative(shown),
        status="final",
        code=code,
        category=[codes.VITAL_SIGNS.concept()] if is_vital else [],
        subject=draft.reference("patient"),
        encounter=draft.reference("encounter"),
        effectiveDateTime=_instant(draft, "started_at"),
        performer=[draft.reference("doctor")],
        **value,
    )


def _instant(draft: Draft, name: str) -> str:
    return instant(getattr(draft.record, name))
