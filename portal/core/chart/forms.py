"""Parsers of the chart's forms, and the words for what they and the pages show."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import ICD10
from portal.core.chart.models import ALLERGY, MEDICINE, NONE_KNOWN, PROBLEM

LIMITS = {"name": 120, "detail": 120, "since": 40}


@dataclass(frozen=True)
class Typed:
    """A new entry of the chart, parsed. The names are those of `ChartEntry`."""

    kind: str
    name: str = ""
    detail: str = ""
    grade: str = ""
    since: str = ""


def allergy(form: Mapping[str, str]) -> Typed:
    """Parse substance, reaction and severity, or "none known". Raises Invalid."""
    if form.get("none_known") == "yes":
        return Typed(NONE_KNOWN)
    severity = _choice(form, "severity", tuple(severities()))
    return Typed(ALLERGY, _name(form, "substance"), _text(form, "reaction", "detail"), severity)


def problem(form: Mapping[str, str]) -> Typed:
    """Parse a problem with its ICD-10 code, such as "E11" or "E11 Type 2 diabetes". Raises Invalid."""
    code, _blank, label = form.get("problem_code", "").strip().partition(" ")
    code = code.upper()
    if code and not ICD10.fullmatch(code):
        raise Invalid({"problem_code": _("Give a code such as I10 or E11.9, or leave it empty.")})
    named = form if form.get("problem", "").strip() else {**form, "problem": label}
    return Typed(PROBLEM, _name(named, "problem"), "", code, _text(form, "problem_since", "since"))


def medicine(form: Mapping[str, str]) -> Typed:
    """Parse a medicine that the patient tells of. Raises Invalid."""
    told_by = _choice(form, "told_by", tuple(tellers()))
    how, since = _text(form, "taken_how", "detail"), _text(form, "medicine_since", "since")
    return Typed(MEDICINE, _name(form, "medicine"), how, told_by, since)


def severities() -> dict[str, str]:
    """Return the word for each severity of an allergy."""
    return {"": _("not known"), "mild": _("mild"), "severe": _("severe"), "anaphylaxis": _("anaphylaxis")}


def tellers() -> dict[str, str]:
    """Return the word for who can tell of a medicine."""
    return {"patient": _("the patient says"), "caregiver": _("a caregiver says"), "paper": _("seen on paper")}


def told_by() -> dict[str, str]:
    """Return the word for where a medicine is known from."""
    return {"prescription": _("prescribed here")} | tellers()


def vitals() -> dict[str, tuple[str, str]]:
    """Return label and stored unit of each vital."""
    return {
        "systolic": (_("BP upper"), "mmHg"),
        "diastolic": (_("BP lower"), "mmHg"),
        "pulse": (_("Pulse"), "/min"),
        "spo2": ("SpO2", "%"),
        "temperature": (_("Temp."), "°C"),
        "weight": (_("Weight"), "kg"),
        "height": (_("Height"), "cm"),
        "glucose": (_("Glucose"), "mg/dL"),
    }


def _name(form: Mapping[str, str], field: str) -> str:
    text = _text(form, field, "name")
    if not text:
        raise Invalid({field: _("Give the name.")})
    return text


def _text(form: Mapping[str, str], field: str, column: str) -> str:
    text = " ".join("".join(each if each.isprintable() else " " for each in form.get(field, "")).split())
    if len(text) > LIMITS[column]:
        raise Invalid({field: _("Write at most %(limit)s characters here.", limit=LIMITS[column])})
    return text


def _choice(form: Mapping[str, str], field: str, allowed: tuple[str, ...]) -> str:
    value = form.get(field, allowed[0])
    if value not in allowed:
        raise Invalid({field: _("Choose one of the list.")})
    return value
