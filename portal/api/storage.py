"""Tables of your own, named `<plugin>_…`, and writing to them. Never open a transaction around an outside call.

A sealed column is encrypted: `Table.column.seal(text)` is what it keeps, `Table.column.unseal(kept)` the text, or None
when the key is gone. Name it in the hook `sealed_columns`.
"""

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
