"""Liveness and readiness endpoints for monitoring and load balancers. They expose booleans only."""

from collections.abc import Callable

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.store import disk
from portal.store.db import database
from portal.web import errors
from portal.web.access import allow
from portal.work import heartbeat

bp = Blueprint("health", __name__)


def answer_health_checks() -> ResponseReturnValue | None:
    """Answer them before any other hook, as language, plugins and sign-in query the database."""
    if request.endpoint in ("health.healthz", "health.readyz"):
        return healthz() if request.endpoint == "health.healthz" else readyz()
    return None


def stop_on_foreign_schema() -> ResponseReturnValue | None:
    """Take no more requests once newer code has changed the database so that this one may not work with it."""
    if request.endpoint == "static" or current_app.extensions["portal.schema"].is_served():
        return None
    return errors.away()


@bp.get("/healthz")
@allow("anyone")
def healthz() -> ResponseReturnValue:
    """Liveness: the process responds."""
    return {"ok": True}


@bp.get("/readyz")
@allow("anyone")
def readyz() -> ResponseReturnValue:
    """Readiness: 503 only when this node cannot serve, so that a fault elsewhere removes no node from balancing."""
    serves = {name: _passes(check) for name, check in NEEDED.items()}
    helps = {name: _passes(check) for name, check in WATCHED.items()}
    is_ok = all(serves.values())
    answer = {"ok": is_ok, "degraded": not (is_ok and all(helps.values()))} | serves | helps
    return answer, 200 if is_ok else 503


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 any failure means not ready
        return False


def _database() -> bool:
    return bool(database.execute_sql("SELECT 1").fetchone())


def _queue() -> bool:
    return bool(current_app.extensions["portal.queue"].pending_count() >= 0)


def _migrations() -> bool:
    schema = current_app.extensions["portal.schema"]
    return schema.is_served() and not schema.missing()


NEEDED = {"database": _database, "migrations": _migrations}
WATCHED = {"queue": _queue, "worker": heartbeat.is_working, "disk": disk.has_room, "store": disk.is_writable}
