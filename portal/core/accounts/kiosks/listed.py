"""The kiosks that there are."""

import peewee

from portal.core.accounts.models import Kiosk
from portal.core.clinic.models import Centre


def find_kiosk(key_hash: str) -> Kiosk | None:
    """Return the paired kiosk of a key's fingerprint; None for an unknown or revoked one."""
    paired = (Kiosk.key_hash == key_hash) & Kiosk.revoked_at.is_null()
    found: Kiosk | None = Kiosk.select(Kiosk, Centre).join(Centre).where(paired).first() if key_hash else None
    return found


def kiosks_of(centre: Centre | None) -> peewee.Select:
    """Select the kiosks of a centre, or all, the newest first."""
    rows = Kiosk.select(Kiosk, Centre).join(Centre).order_by(Kiosk.id.desc())
    return rows.where(Kiosk.centre == centre) if centre else rows
