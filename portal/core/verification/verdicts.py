"""What anybody with the code of a prescription may know."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.core.beneficiaries.identity import initials
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.clinic import PaperRules


@dataclass(frozen=True)
class Verdict:
    """Public result of /rx/<code>, and nothing more. `status`: valid dispensed expired cancelled replaced.

    `replaced_by` and `replaced_at`: number and time of the newest version, for one that is no longer valid.
    `cancelled_at`: when it was cancelled, or the one that replaced it.
    `medicines`: how many are printed; `letters`: first letters and quantity of each, where the clinic shows them.
    """

    number: str
    issued_at: datetime
    valid_until: date
    status: str
    registration_number: str
    initials: str
    cancelled_at: datetime | None = None
    replaced_by: str = ""
    replaced_at: datetime | None = None
    medicines: int = 0
    letters: tuple[tuple[str, int], ...] = ()


def verdict(issued: Prescription, *, now: datetime) -> Verdict:
    """Return what anybody with the code may know: enough to compare with the paper, no name, no diagnosis."""
    newest = reading.newest_of(issued.visit.uid)
    items = reading.items_of(issued)
    shows_letters = PaperRules.in_force().rx_shows == "letters"
    return Verdict(
        number=issued.number,
        issued_at=issued.issued_at,
        valid_until=issued.valid_until,
        status=reading.status_of(issued, now),
        registration_number=issued.doctor.registration_number,
        initials=initials(issued.beneficiary.name),
        cancelled_at=newest.cancelled_at,
        replaced_by=newest.number if issued.replaced_at else "",
        replaced_at=newest.issued_at if issued.replaced_at else None,
        medicines=len(items),
        letters=tuple((_letters(item), item.quantity) for item in items) if shows_letters else (),
    )


def _letters(item: PrescribedItem) -> str:
    """Return the first letter of each substance: A…, or A… + C… of a combination."""
    return " + ".join(f"{part.strip()[:1].upper()}…" for part in item.drug.split("+") if part.strip())
