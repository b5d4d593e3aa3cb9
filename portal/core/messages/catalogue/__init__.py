"""Kinds of messages about what is no visit: referrals, and rights."""

from portal.core.messages.catalogue.referrals import REFERRALS
from portal.core.messages.catalogue.rights import RIGHTS

__all__ = ["REFERRALS", "RIGHTS"]
