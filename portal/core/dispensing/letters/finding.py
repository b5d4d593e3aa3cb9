"""The letter of a dispensing or of an indent, for the pharmacy of its centre."""

from portal.base.errors import NotFound
from portal.core.clinic.models import Centre
from portal.core.dispensing.models import Dispensing, Indent, IndentPermission, Permission


def letter_of(uid: str, centre: Centre) -> Permission | IndentPermission:
    """Find the letter of a dispensing or an indent of this centre by its uid. Raises NotFound."""
    own = Permission.select(Permission, Dispensing).join(Dispensing)
    given: Permission | None = own.where((Dispensing.uid == uid) & (Dispensing.centre == centre)).first()
    if given is not None:
        return given
    orders = IndentPermission.select(IndentPermission, Indent).join(Indent)
    ordered: IndentPermission | None = orders.where((Indent.uid == uid) & (Indent.centre == centre)).first()
    if ordered is None:
        raise NotFound
    return ordered
