"""Tables of your own, named `<plugin>_…`, and writing to them. Never open a transaction around an outside call."""

from portal.store.db import BaseModel, UidModel, UTCDateTimeField, claim, one_at_a_time, write
from portal.store.listing import Listed, page_of
from portal.store.sealed import SealedField, SealedJSONField

__all__ = [
    "BaseModel",
    "Listed",
    "SealedField",
    "SealedJSONField",
    "UTCDateTimeField",
    "UidModel",
    "claim",
    "one_at_a_time",
    "page_of",
    "write",
]
