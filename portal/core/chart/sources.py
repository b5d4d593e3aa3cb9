"""Registry of what rooms above know of a person and the chart shows: each function is of a person."""

from collections.abc import Callable
from datetime import date

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart.facts import Medicine, PastVisit

Prescribed = Callable[[Beneficiary, date], list[Medicine]]
Past = Callable[[Beneficiary, Staff], list[PastVisit]]


prescribed_by: list[Prescribed] = []
past_by: list[Past] = []


def tells_prescribed(function: Prescribed) -> Prescribed:
    """Register what lists the medicines of a person's prescriptions that hold on a day."""
    prescribed_by.append(function)
    return function


def tells_past(function: Past) -> Past:
    """Register what lists a person's earlier consultations, newest first, as this reader may see them."""
    past_by.append(function)
    return function
