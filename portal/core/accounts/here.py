"""The signed-in account or member of staff, for views that need more than the role."""

from typing import cast

from portal.base.errors import NotAllowed
from portal.core.accounts.models import Account, Staff
from portal.core.accounts.sign_ins import SignedIn
from portal.web import access


def me() -> SignedIn | None:
    """Return who is signed in, or None."""
    return cast(SignedIn | None, access.me())


def signed_in() -> SignedIn:
    """Return who is signed in, in a view that requires it."""
    return cast(SignedIn, access.person())


def account() -> Account:
    """Return the signed-in account. Raises NotAllowed for staff."""
    found = signed_in().account
    if found is None:
        raise NotAllowed
    return found


def staff() -> Staff:
    """Return the signed-in member of staff. Raises NotAllowed for beneficiaries."""
    found = signed_in().staff
    if found is None:
        raise NotAllowed
    return found
