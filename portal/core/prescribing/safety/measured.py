"""Measured values that a patient can have, but hardly this one: another unit, another line.

An upper blood pressure below the lower one is refused where it is typed (`notes.py`).
"""

from collections.abc import Iterator, Mapping

from portal.base.language import gettext as _
from portal.core.prescribing.safety.concerns import Concern

# 40 mg/dL is 2.2 mmol/L: severe hypoglycaemia below 54 (ADA, Standards of Care, 6. Glycemic goals).
MMOL_BELOW = 40
MG_IN_MMOL = 18
ADULT = 18
LEAST_OF_ADULT = 25
MOST_OF_INFANT = 20
INFANT_BELOW = 2


def concerns_of(vitals: Mapping[str, float], age: int | None) -> Iterator[Concern]:
    """Yield measured values that look like a slip."""
    glucose, weight = vitals.get("glucose"), vitals.get("weight")
    if glucose is not None and glucose < MMOL_BELOW:
        sentence = _(
            "Glucose %(value)s mg/dL: is it mmol/L? Then it is %(converted)s mg/dL.",
            value=f"{glucose:g}",
            converted=round(glucose * MG_IN_MMOL),
        )
        yield Concern(
            "glucose_unit", "ask", "vitals-glucose", f"{glucose:g} mg/dL", sentence, "ADA, Standards of Care, 6"
        )
    if weight is not None and age is not None and _is_unlikely(weight, age):
        sentence = _("Weight %(value)s kg at %(age)s years: please check.", value=f"{weight:g}", age=age)
        source = _("clinician's sign-off")
        yield Concern("weight_for_age", "ask", "vitals-weight", f"{weight:g} kg", sentence, source)


def _is_unlikely(weight: float, age: int) -> bool:
    return weight < LEAST_OF_ADULT if age >= ADULT else age < INFANT_BELOW and weight > MOST_OF_INFANT
