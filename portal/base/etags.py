"""ETags: the name of what a page shows, so that nothing is sent twice."""

import hashlib

from portal.base import language


def etag_of(mark: object) -> str:
    """The ETag of a state in the reader's language."""
    return hashlib.sha256(f"{language.current()}|{mark!r}".encode()).hexdigest()[:20]
