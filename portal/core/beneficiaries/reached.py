"""Whether an account still stands behind a mobile: what plugins ask that keep addresses of phones for it."""

from collections.abc import Collection

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary


def reached(account_uids: Collection[str]) -> dict[str, str]:
    """Map those of these accounts that are open, and have somebody registered, to their mobile.

    Missing: an account that was closed or erased, or whose people all moved to another mobile.
    """
    open_ones = Account.uid.in_(list(account_uids)) & Account.disabled_at.is_null()
    rows = Account.select(Account.uid, Account.mobile).join(Beneficiary).where(open_ones).distinct()
    return {row.uid: row.mobile for row in rows}
