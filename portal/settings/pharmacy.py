"""The clinic's settings of the pharmacy."""

from pydantic import Field

from portal.base.language import gettext as _
from portal.settings.stored import ClinicSettings


class PharmacyRules(ClinicSettings):
    """How long medicines may be collected, how much at once, indents and reversal (docs/rules/domain.md 2.4)."""

    heading = _("Pharmacy")
    in_order = (
        ("prescription_acute_days", "prescription_valid_days"),
        ("dispense_days_default", "dispense_days_chronic"),
    )

    prescription_acute_days: int = Field(15, ge=1, le=366, title=_("Days a prescription is valid for a short illness"))
    prescription_valid_days: int = Field(
        180,
        ge=1,
        le=366,
        title=_("Days a prescription is valid for a long-standing illness"),
        description=_("The list of medicines says which medicines are for one."),
    )
    dispense_days_default: int = Field(30, ge=1, le=366, title=_("Days’ supply given at a time"))
    dispense_days_chronic: int = Field(
        90, ge=1, le=366, title=_("Days’ supply given at a time for a long-standing illness")
    )
    dispense_days_permitted: int = Field(
        180,
        ge=1,
        le=366,
        title=_("Days’ supply given at most with a written permission"),
        description=_("Of the Additional Director, such as for a journey abroad."),
    )
    dispense_early_days: int = Field(
        7, ge=0, le=90, title=_("Days before a supply is used up from which the next is given")
    )
    indent_days: int = Field(15, ge=1, le=90, title=_("Days in which a medicine from the chemist is collected"))
    reverse_minutes: int = Field(15, ge=1, le=1440, title=_("Minutes in which the pharmacy can reverse what it gave"))
