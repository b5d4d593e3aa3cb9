"""Which doctor asks, and which visits he or she may reach."""

from portal.base.errors import NotAllowed, NotFound
from portal.core.accounts.here import signed_in
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.models import Visit


def doctor_here() -> tuple[Staff, Specialty]:
    """The doctor who is signed in, and the specialty. Raises NotAllowed for anybody else."""
    staff = signed_in().staff
    if staff is None or staff.specialty is None:
        raise NotAllowed
    return staff, staff.specialty


def reachable(uid: str, doctor: Staff, specialty: Specialty) -> Visit:
    """A visit of this doctor, or one of the own specialty that nobody holds. Raises NotFound for every other."""
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
