"""The desk that is signed in, for its views."""

from portal.base.errors import NotAllowed
from portal.core.accounts.here import staff
from portal.core.accounts.models import Staff


def desk() -> Staff:
    """Return the signed-in member of a centre's desk. Raises NotAllowed for one without a centre."""
    found = staff()
    if found.centre is None:
        raise NotAllowed
    return found
