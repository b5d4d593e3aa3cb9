"""State of the bridge: backlog, last successes, open decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from portal.api import clock, plugin
from portal.api.base import gettext as _
from portal.api.storage import Listed, page_of
from portal.contracts import GatewayError, HealthCheck

from . import endpoint, marks
from .models import Incoming, Outgoing
from .settings import NAME, Settings

LATE = timedelta(hours=1)
SHOWN = 50


@dataclass(frozen=True)
class Overview:
    """State of both directions."""

    waiting: int
    oldest: datetime | None
    dead: int
    last_sent: datetime | None
    last_away: datetime | None
    away_because: str
    last_pulled: datetime | None
    open_updates: int


def overview() -> Overview:
    """Collect the current state."""
    unsent = Outgoing.select(Outgoing.state, fn.COUNT(Outgoing.id)).where(Outgoing.state.in_(["waiting", "dead"]))
    counts: Any = unsent.group_by(Outgoing.state).tuples()  # those that were sent grow for ever: not counted
    states = dict(counts)
    first = Outgoing.select().where(Outgoing.state == "waiting").order_by(Outgoing.id).first()
    return Overview(
        waiting=states.get("waiting", 0),
        oldest=first.created_at if first else None,
        dead=states.get("dead", 0),
        last_sent=marks.at("sent"),
        last_away=marks.at("away"),
        away_because=marks.text("away"),
        last_pulled=marks.at("pulled referral"),
        open_updates=Incoming.select().where(Incoming.state.in_(["dead", "conflict", "parked"])).count(),
    )


def troubled(number: int = 1) -> Listed:
    """Paginate the documents that were refused, and those that wait with an error."""
    bad = (Outgoing.state == "dead") | ((Outgoing.state == "waiting") & (Outgoing.error != ""))
    return page_of(Outgoing.select().where(bad).order_by(Outgoing.state, Outgoing.id), number, SHOWN)


def undecided(number: int = 1) -> Listed:
    """Paginate the updates that need a person, conflicts first."""
    rows = Incoming.select().where(Incoming.state.in_(["conflict", "dead", "parked"]))
    return page_of(rows.order_by(Incoming.state, Incoming.id), number, SHOWN)


def health_checks() -> list[HealthCheck]:
    """Check both directions."""
    return [
        HealthCheck(_("FHIR endpoint"), _endpoint),
        HealthCheck(_("Documents to be sent"), _backlog),
        HealthCheck(_("Updates to be decided"), _updates),
    ]


def _endpoint() -> None:
    settings = plugin.settings(NAME, Settings)
    if settings.fhir_url:
        endpoint.metadata(settings)


def _backlog() -> None:
    now = overview()
    if now.dead:
        raise GatewayError(_("%(count)s documents were refused. Somebody has to look at them.", count=now.dead))
    if now.oldest and now.oldest < clock.now() - LATE:
        raise GatewayError(_("%(count)s documents wait, the oldest for more than an hour.", count=now.waiting))


def _updates() -> None:
    waiting = overview().open_updates
    if waiting:
        raise GatewayError(_("%(count)s updates from outside have to be decided.", count=waiting))
