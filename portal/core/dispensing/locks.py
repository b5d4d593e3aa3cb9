"""Locks of prescriptions: whoever gives, reverses or corrects comes one after another."""

from portal.core.prescriptions.models import Prescription
from portal.store.db import locked


def lock(issued: Prescription) -> Prescription:
    """Lock the row of a prescription, so that nobody gives, replaces or cancels meanwhile; return it as it is now."""
    found: Prescription = locked(Prescription.select().where(Prescription.id == issued.id)).get()
    return found


def lock_versions(issued: Prescription) -> list[Prescription]:
    """Lock every version of a prescription, the first one first; the session's row must be locked before."""
    versions = Prescription.select().where(Prescription.visit == issued.visit_id).order_by(Prescription.version)
    return list(locked(versions))
