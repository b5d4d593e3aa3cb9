"""The slip of a referral: one page in both languages, for people who have no screen at hand."""

from dataclasses import dataclass
from datetime import date, datetime

import segno

from portal.base import language
from portal.base.clock import ist
from portal.core.paper import pdf
from portal.core.paper.content import Centre


@dataclass(frozen=True)
class Slip:
    """All that is printed. `address` leads to a token; `consultations`: how many it is for at most."""

    number: str
    issued_at: datetime
    valid_until: date
    consultations: int
    urgent: bool
    reason: str
    specialty: str
    specialty_hi: str
    name: str
    name_hi: str
    age: int
    gender: str
    ben_id: str
    officer: str
    officer_hi: str
    centre: Centre
    institution: str
    institution_address: str
    helpline: str
    address: str
    language: str


def html_of(slip: Slip) -> str:
    """Render the HTML in both languages, dates in the patient's."""
    with language.speaking(slip.language):
        return (
            pdf.environment()
            .get_template("slip.html")
            .render(
                slip=slip,
                issued_at=ist(slip.issued_at),
                made_at=slip.issued_at.isoformat(),
                qr=segno.make(slip.address, error="m").png_data_uri(border=0, scale=8),
            )
        )


def request_of(slip: Slip) -> bytes:
    """Return what a printing process is asked."""
    return pdf.request_of(html_of(slip), slip.number)
