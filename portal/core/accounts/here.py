"""Who is signed in, as a row: for views that need the account or the member of staff and not only the role."""

from typing import cast

from portal.base.errors import NotAllowed
from portal.core.accounts.models import Account, Staff
from portal.core.accounts.sign_ins import SignedIn
from portal.web import access


def me() -> SignedIn | None:
    """Who is signed in, or None."""
    return cast(SignedIn | None, access.me())


def signed_in() -> SignedIn:
    """Who is signed in, in a view that only the signed-in reach."""
    return cast(SignedIn, access.person())


def account() -> Account:
    """The beneficiary's account that is signed in. Raises NotAllowed for staff."""
    found = signed_in().account
    if found is None:
        raise NotAllowed
    return found


def staff() -> Staff:
    """The member of staff who is signed in. Raises NotAllowed for beneficiaries."""
    found = signed_in().staff
    if found is None:
        raise NotAllowed
    return found
