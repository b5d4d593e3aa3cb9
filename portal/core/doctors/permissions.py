"""Permissions of doctors: who is signed in, and which visits he or she may open."""

from portal.base.errors import NotAllowed, NotFound
from portal.core.accounts.here import signed_in
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.models import Visit


def doctor_here() -> tuple[Staff, Specialty]:
    """Return the signed-in doctor and the specialty. Raises NotAllowed for anybody else."""
    staff = signed_in().staff
    if staff is None or staff.specialty is None:
        raise NotAllowed
    return staff, staff.specialty


def reachable(uid: str, doctor: Staff, specialty: Specialty) -> Visit:
    """Find a visit of this doctor, or of the specialty without a doctor. Raises NotFound without permission."""
    found: Visit | None = (
        Visit.select(Visit, ClinicSession, Specialty)
        .join(ClinicSession)
        .join(Specialty)
        .where((Visit.uid == uid) & (ClinicSession.specialty == specialty))
        .first()
    )
    if found is None or found.doctor_id not in (None, doctor.id):
        raise NotFound
    return found
