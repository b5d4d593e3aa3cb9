"""Inbox of updates: idempotent, matched with our rows, and never applied automatically where a person has to decide.

States: waiting (a medical officer decides), applied, parked (what it refers to is not here yet), conflict and dead (the
administrator decides), closed (nothing more to do).
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from portal.api import clinic, plugin, referrals
from portal.api.base import Conflict, NotFound, speaking
from portal.api.base import gettext as _
from portal.api.clinic import StaffMember
from portal.api.storage import Listed, claim, one_at_a_time, page_of, write
from portal.api.work import SYSTEM, Actor, enqueue, in_lane, record, sweep

from . import endpoint, marks
from .fhir import updates
from .models import Handover, Incoming, UpdateAccepted, UpdateClosed, UpdateReceived, UpdateReplayed, UpdateSettled
from .settings import NAME, Settings

AHEAD = timedelta(hours=1)  # tolerated clock skew; more is a wrong date
PARKED_FOR = timedelta(days=30)
OVERLAP = timedelta(minutes=5)  # what was stored during the last poll
KINDS = {"ServiceRequest": "referral", "Task": "outcome"}
SHOWN = 50
Settled = tuple[str, str]


def receive(payload: Any, way: str, *, now: datetime) -> Incoming:
    """Store an update and settle it as far as possible, both or neither. Idempotent."""
    digest = hashlib.sha256(json.dumps(updates.essence(payload), sort_keys=True).encode()).hexdigest()
    kind = KINDS.get(str(payload.get("resourceType")), "unknown") if isinstance(payload, dict) else "unknown"
    try:
        update = updates.parse(payload)
        number, version = update.number, update.version
    except ValidationError as error:
        number, version, reason = digest, 0, _where(updates.breaches(error))
        return _store(kind, number, version, digest, payload, way, now, ("dead", reason))[0]
    with write():
        row, is_new = _store(kind, number, version, digest, payload, way, now, ("new", ""))
        if is_new:
            settle(row, now=now)
    return row


def settle(row: Incoming, *, now: datetime) -> bool:
    """Match an update with our rows, and store what follows. False, and nothing changes, when it was decided since."""
    update = updates.parse(row.payload)
    as_read = (Incoming.id == row.id) & (Incoming.state == row.state)
    with write():
        _one_at_a_time(row.kind, row.number)
        if not claim(Incoming.update(settled_at=now).where(as_read)):
            return False
        with speaking("en"):  # stored in the source language, shown in the reader's
            state, reason = _of_versions(row) or _of_date(update, now) or _of_kind(row, update, now)
        values = {"state": state, "reason": reason[:200], "centre": row.centre, "subject": row.subject}
        Incoming.update(**values).where(Incoming.id == row.id).execute()
        record(UpdateSettled(kind=row.kind, state=state), row.uid, by=SYSTEM, now=now)
    row.state, row.reason = state, reason
    return True


def settle_again(row: Incoming, *, by: Actor, now: datetime) -> None:
    """Retry for the administrator. Raises Conflict when its form is invalid, as that stays so."""
    try:
        update = updates.parse(row.payload)
    except ValidationError as error:
        raise Conflict(_("This update has a form that is not allowed. Only its sender can correct it.")) from error
    if is_malformed(row):
        _give_number(row, update)
    with write():
        record(UpdateReplayed(), row.uid, by=by, now=now)
        if not settle(row, now=now):
            raise Conflict(_("Somebody else has decided this already."))


def is_malformed(row: Incoming) -> bool:
    """Tell whether its form was invalid when it came: its number is unknown, and its digest stands in for it."""
    return bool(row.number == row.digest)


def close(row: Incoming, *, by: Actor, now: datetime) -> None:
    """Close it: nothing follows from it."""
    with write():
        if not claim(Incoming.update(state="closed", settled_at=now).where(_open(row))):
            raise Conflict(_("Somebody else has decided this already."))
        record(UpdateClosed(), row.uid, by=by, now=now)


def prefer(row: Incoming, *, by: Actor, now: datetime) -> None:
    """Resolve a conflict: this one counts, the other is closed. Raises Conflict when it was decided since."""
    with write():
        _one_at_a_time(row.kind, row.number)
        others = (Incoming.kind == row.kind) & (Incoming.number == row.number) & (Incoming.id != row.id)
        Incoming.update(state="closed", settled_at=now).where(others & (Incoming.state != "applied")).execute()
        settle_again(row, by=by, now=now)


def accept(
    officer: StaffMember, uid: str, *, by: Actor, now: datetime, choice: referrals.Choice = referrals.UNASKED
) -> referrals.Referral:
    """Accept for the medical officer: create the referral.

    Raises NotFound for another centre's, Conflict when it is decided, StillValid for a valid referral without a choice.
    """
    row = of_centre(officer, uid)
    wanted: Any = updates.parse(row.payload)
    with write():
        if not claim(
            Incoming.update(state="applied", settled_at=now).where(_open(row) & (Incoming.state == "waiting"))
        ):
            raise Conflict(_("Somebody else has decided this already."))
        created = referrals.refer(
            officer.uid,
            wanted.ben_id,
            wanted.specialty,
            wanted.reason[: referrals.REASON_LIMIT],
            urgent=wanted.is_urgent,
            by=by,
            now=now,
            choice=choice,
        )
        Incoming.update(subject=created.uid).where(Incoming.id == row.id).execute()
        record(UpdateAccepted(referral=created.uid), row.uid, by=by, now=now)
    return created


def of_centre(officer: StaffMember, uid: str) -> Incoming:
    """Get a referral for a person of the officer's centre. Raises NotFound."""
    row: Incoming | None = Incoming.get_or_none((Incoming.uid == uid) & (Incoming.kind == "referral"))
    if row is None or not officer.centre or row.centre != officer.centre:
        raise NotFound
    return row


def waiting_for(officer: StaffMember, number: int = 1) -> Listed:
    """Paginate the referrals that this medical officer may decide, oldest first."""
    own = (Incoming.centre == officer.centre) if officer.centre else (Incoming.id < 0)
    rows = Incoming.select().where((Incoming.kind == "referral") & (Incoming.state == "waiting") & own)
    return page_of(rows.order_by(Incoming.id), number, SHOWN)


@sweep(every=60)
def sweep_updates(now: datetime) -> None:
    """Schedule a poll of the endpoint, and retry parked updates."""
    if plugin.is_on(NAME) and plugin.settings(NAME, Settings).pull:
        enqueue(fetch_updates, 0)
    parked = Incoming.select().where((Incoming.state == "parked") & (Incoming.settled_at < now - timedelta(minutes=10)))
    for row in parked.order_by(Incoming.id).limit(50):
        settle(row, now=now)


@in_lane("bridge")
def fetch_updates(row_id: int, now: datetime) -> None:
    """Poll for referrals and outcomes that changed since the last time."""
    for resource, kind in KINDS.items():
        since = marks.at(f"pulled {kind}")
        for payload in endpoint.updates(plugin.settings(NAME, Settings), resource, since - OVERLAP if since else None):
            receive(payload, "pull", now=now)
        marks.set_mark(f"pulled {kind}", now=now)


def _store(
    kind: str, number: str, version: int, digest: str, payload: Any, way: str, now: datetime, settled: Settled
) -> tuple[Incoming, bool]:
    with write():
        _one_at_a_time(kind, number)
        same = (Incoming.kind == kind) & (Incoming.number == number) & (Incoming.version == version)
        found = Incoming.get_or_none(same & (Incoming.digest == digest))
        if found:
            return found, False
        row = Incoming.create(
            kind=kind,
            number=number,
            version=version,
            digest=digest,
            payload=payload or {},
            way=way,
            state=settled[0],
            reason=settled[1][:200],
            received_at=now,
            settled_at=now,
        )
        record(UpdateReceived(kind=kind, way=way), row.uid, by=Actor("machine", NAME), now=now)
        return row, True


def _one_at_a_time(kind: str, number: str) -> None:
    """Lock everything of one number, as its versions find each other only by reading."""
    one_at_a_time(f"update {kind} {number}")


def _of_versions(row: Incoming) -> Settled | None:
    """Detect conflicts: nothing is overwritten; other content under the same number and version needs a person."""
    same = (Incoming.kind == row.kind) & (Incoming.number == row.number) & (Incoming.id != row.id)
    alive = same & (Incoming.state != "closed")
    if Incoming.select().where(alive & (Incoming.version == row.version)).exists():
        return "conflict", _("There is another update with this number and version, and it says something else.")
    if Incoming.select().where(alive & (Incoming.version > row.version)).exists():
        return "closed", _("A newer version came before.")
    return None


def _of_date(update: updates.Update, now: datetime) -> Settled | None:
    dates = [update.meta.lastUpdated, getattr(update, "authoredOn", update.meta.lastUpdated)]
    return ("conflict", _("Its date lies in the future.")) if max(dates) > now + AHEAD else None


def _of_kind(row: Incoming, update: updates.Referral | updates.Outcome, now: datetime) -> Settled:
    waited = now - row.received_at > PARKED_FOR
    settled = _referral(row, update, now) if isinstance(update, updates.Referral) else _outcome(row, update, now)
    return ("dead", settled[1]) if settled[0] == "parked" and waited else settled


def _referral(row: Incoming, update: updates.Referral, now: datetime) -> Settled:
    person = clinic.people([update.ben_id]).get(update.ben_id)
    if person is None:
        return "parked", _("No person of the register has this number.")
    row.centre = person.centre
    earlier = _earlier(row)
    if update.is_withdrawn:
        return _revoke(row, earlier, now)
    if not update.specialty:
        return "conflict", _("It names no specialty of this clinic.")
    if earlier and earlier.state == "applied":
        return "conflict", _("An earlier version was accepted already; a person has to compare them.")
    if earlier:
        Incoming.update(state="closed", settled_at=now).where(Incoming.id == earlier.id).execute()
    return "waiting", ""


def _revoke(row: Incoming, earlier: Incoming | None, now: datetime) -> Settled:
    """Withdraw: parked before the referral came, closed before a decision, a conflict after acceptance."""
    if earlier is None:
        return "parked", _("It withdraws a referral that has not come yet.")
    if earlier.state == "applied":
        return "conflict", _("The referral was accepted already. Please withdraw the slip.")
    Incoming.update(state="closed", settled_at=now).where(Incoming.id == earlier.id).execute()
    return "applied", ""


def _outcome(row: Incoming, update: updates.Outcome, now: datetime) -> Settled:
    if not update.is_over:
        return "closed", _("It is not over there yet.")
    handover: Handover | None = Handover.get_or_none(Handover.uid == update.handover)
    if handover is None:
        return "parked", _("No hand-over has this number.")
    row.subject = handover.uid
    earlier = _earlier(row)
    amends = earlier is not None and earlier.state == "applied"
    if handover.state == "ended" and handover.outcome != update.words and not amends:
        return "conflict", _("This hand-over has another outcome already.")
    Handover.update(state="ended", outcome=update.words, ended_at=now).where(Handover.id == handover.id).execute()
    return "applied", ""


def _earlier(row: Incoming) -> Incoming | None:
    same = (Incoming.kind == row.kind) & (Incoming.number == row.number) & (Incoming.version < row.version)
    found: Incoming | None = Incoming.select().where(same).order_by(Incoming.version.desc()).first()
    return found


def _open(row: Incoming) -> Any:
    return (Incoming.id == row.id) & Incoming.state.not_in(["applied", "closed"])


def _give_number(row: Incoming, update: updates.Update) -> None:
    """Set the number of a form that was invalid once and is allowed now: versions find each other only by number."""
    same = (Incoming.kind == row.kind) & (Incoming.number == update.number) & (Incoming.version == update.version)
    if Incoming.select().where(same & (Incoming.digest == row.digest)).exists():
        raise Conflict(_("This update has come again since, and was taken. Please close this one."))
    Incoming.update(number=update.number, version=update.version).where(Incoming.id == row.id).execute()
    row.number, row.version = update.number, update.version


def _where(breaches: list[updates.Breach]) -> str:
    """List the first invalid fields."""
    return f"Not allowed: {', '.join(one.path for one in breaches[:6])}"
