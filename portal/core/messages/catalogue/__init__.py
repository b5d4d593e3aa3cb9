"""Kinds of messages about what is no visit: corrected mobiles, referrals, and rights."""

from portal.core.messages.catalogue.mobiles import MOBILES
from portal.core.messages.catalogue.referrals import REFERRALS
from portal.core.messages.catalogue.rights import RIGHTS

__all__ = ["MOBILES", "REFERRALS", "RIGHTS"]
