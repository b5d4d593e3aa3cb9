"""Models, transactions, compare-and-set, pagination, encrypted columns. Never call a server inside a transaction.

Name your tables `<plugin>_…`. A sealed column is encrypted: store `Table.column.seal(text)`, read with
`Table.column.unseal(stored)`, which is None when the key is gone. Name the column in the hook `sealed_columns`.
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
