"""Which texts become notices, to whom, and whether a phone has shown one."""

import json
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from portal.api import messages, outbound, plugin
from portal.api.base import Invalid, random_uid, speaking
from portal.api.base import gettext as _
from portal.api.storage import claim, one_at_a_time, write
from portal.api.work import sweep
from portal.contracts import Message, Shown

from .models import Push, Subscription
from .pushing import GONE, Address, push, read_address
from .settings import Settings

NAME = "notify_webpush"
KEPT = timedelta(days=2)
AT_ONCE = 500  # browsers that a sweep looks at in one query
MOST = 5  # browsers for one mobile, the newest
log = structlog.get_logger(__name__)


def words(template: str) -> tuple[str, str]:
    """Return title and sentence of a notice, in the language spoken now; nobody is named. ("", "") for other texts."""
    return {
        "your_turn": (_("It is your turn"), _("The doctor is calling. Open the page and press Call now.")),
        "near_turn": (_("Your turn is near"), _("Open the page now and keep it open.")),
        "prescription": (_("Prescription ready"), _("Sign in to read it.")),
    }.get(template, ("", ""))


def show(message: Message, *, now: datetime) -> Shown | None:
    """Push a message, once; from the second call on say whether a phone has shown it. None: an SMS is needed."""
    with speaking(message.language):
        title, body = words(message.template)
    if not title:
        return None
    before = Push.get_or_none(Push.message == message.uid)
    if before is not None:
        return _as_known(before, now)
    found = _browsers_of(message.to)
    if not found:
        return None
    settings, key = plugin.settings(NAME, Settings), random_uid()
    until = now + timedelta(seconds=settings.seconds)
    text = json.dumps({"title": title, "body": body, "tag": message.template, "key": key}, ensure_ascii=False)
    with write():
        Push.create(message=message.uid, key=_digest(key), sent_at=now, until=until)
    left = max(int((message.expires_at - now).total_seconds()), 1)
    sent = [_pushed(row, text, settings, left, now) for row in found]
    return Shown(until=until) if any(sent) else None


def say_shown(key: str, *, now: datetime) -> bool:
    """Note that a phone has shown a notice; False for a key that is none, or was used."""
    return claim(Push.update(shown_at=now).where((Push.key == _digest(key)) & Push.shown_at.is_null()))


def switch_on(account: str, mobile: str, address: str, *, now: datetime) -> None:
    """Store a browser that wants notices; one that another family used before changes hands. Raises Invalid."""
    endpoint = read_address(address, plugin.settings(NAME, Settings)).endpoint
    digest = _digest(endpoint)
    with write():
        one_at_a_time(f"push {digest}")  # a browser asks again of itself, in each of its windows
        Subscription.delete().where(Subscription.digest == digest).execute()
        Subscription.create(
            account=account,
            mobile=mobile,
            digest=digest,
            address=Subscription.address.seal(address),
            since=now,
        )


def switch_off(account: str) -> int:
    """Forget all browsers of an account; returns how many."""
    with write():
        return int(Subscription.delete().where(Subscription.account == account).execute())


@sweep(every=3600)
def forget_left_browsers(now: datetime) -> None:
    """Delete browsers of accounts that are closed, erased or left by everybody, or whose mobile is another by now."""
    last = 0
    while rows := list(Subscription.select().where(Subscription.id > last).order_by(Subscription.id).limit(AT_ONCE)):
        last = rows[-1].id
        _still_reached(rows)


@sweep(every=3600)
def forget_old_pushes(now: datetime) -> None:
    """Delete what was pushed some days ago."""
    with write():
        Push.delete().where(Push.sent_at < now - KEPT).execute()


def _browsers_of(mobile: str) -> list[Subscription]:
    """List the newest browsers for a mobile; those of somebody who no longer has it are deleted instead."""
    rows = Subscription.select().where(Subscription.mobile == mobile).order_by(Subscription.id.desc())
    return _still_reached(list(rows))[:MOST]


def _still_reached(rows: list[Subscription]) -> list[Subscription]:
    known = messages.reached({row.account for row in rows}) if rows else {}
    left = [row.id for row in rows if known.get(row.account) != row.mobile]
    if left:
        with write():
            Subscription.delete().where(Subscription.id.in_(left)).execute()
    return [row for row in rows if row.id not in left]


def _as_known(row: Push, now: datetime) -> Shown | None:
    if row.shown_at:
        return Shown(is_shown=True)
    return Shown(until=row.until) if now < row.until else None


def _pushed(row: Subscription, text: str, settings: Settings, seconds: int, now: datetime) -> bool:
    """Push to one browser; forget it when its push service says that it is gone."""
    address = _address(row, settings)
    if address is None:
        return False
    try:
        status = push(address, text, settings, seconds=seconds, now=now)
    except (outbound.Unreachable, outbound.NoAnswer) as error:
        log.warning("notice_not_pushed", reason=str(error))
        return False
    if status in GONE:
        with write():
            Subscription.delete().where(Subscription.id == row.id).execute()
    return 200 <= status < 300


def _address(row: Subscription, settings: Settings) -> Address | None:
    """Open what the browser gave us; None when our key is gone, or its push service off the list."""
    given = Subscription.address.unseal(row.address)
    try:
        return read_address(given, settings) if given else None
    except Invalid:  # the list was changed since
        return None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
