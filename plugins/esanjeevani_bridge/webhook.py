"""Authentication of the webhook: HMAC over timestamp and body, a short window, no replays, a rate limit."""

import hashlib
import hmac
from datetime import datetime, timedelta

from portal.api.base import Conflict, PortalError, TooMany, ascii_whole
from portal.api.base import gettext as _
from portal.api.work import attempts_within, count_attempt, sweep

from .models import Seen

SIGNATURE, TIMESTAMP = "X-Signature", "X-Timestamp"
WINDOW = timedelta(minutes=5)
LARGEST = 64 * 1024
LATEST = 10**10 - 1  # timestamps have ten digits until 2286
A_MINUTE = 120
BUCKET = "esanjeevani_bridge:webhook"


class NotSigned(PortalError):
    """Raised for a wrong signature or a timestamp outside the window."""

    status = 401


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a call: HMAC-SHA256 of `timestamp.body`, in hex."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes, *, now: datetime) -> bool:
    """Verify signature and timestamp."""
    moment = ascii_whole(timestamp, 0, LATEST)
    if not secret or moment is None:
        return False
    fresh = abs(now.timestamp() - moment) <= WINDOW.total_seconds()
    return fresh and hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())


def count_call(*, now: datetime) -> None:
    """Count a verified call. Raises TooMany at the rate limit."""
    if attempts_within(BUCKET, within=timedelta(minutes=1), now=now) >= A_MINUTE:
        raise TooMany(_("Too many calls. Please wait a minute."), retry_after=60)
    count_attempt(BUCKET, now=now)


def spend(signature: str, *, now: datetime) -> None:
    """Take a call's signature, once; in the transaction of what the call brings. Raises Conflict for a replay."""
    if not Seen.insert(digest=signature, at=now).on_conflict_ignore().as_rowcount().execute():
        raise Conflict(_("This call was taken before."))


@sweep(every=3600)
def sweep_seen(now: datetime) -> None:
    """Delete keys older than the window: such calls cannot be replayed."""
    Seen.delete().where(Seen.at < now - 2 * WINDOW).execute()
