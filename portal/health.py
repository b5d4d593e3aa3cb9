"""For machines that watch: is the process alive, is it ready. They say ok or not ok and no more."""

from collections.abc import Callable

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.store import disk
from portal.store.db import database
from portal.store.migrator import pending
from portal.web.access import allow
from portal.work import heartbeat

bp = Blueprint("health", __name__)


def answer_machines() -> ResponseReturnValue | None:
    """Before anything else looks at the request: the language, the plugins and who is signed in need the database."""
    if request.endpoint in ("health.healthz", "health.readyz"):
        return healthz() if request.endpoint == "health.healthz" else readyz()
    return None


@bp.get("/healthz")
@allow("anyone")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"ok": True}


@bp.get("/readyz")
@allow("anyone")
def readyz() -> ResponseReturnValue:
    """503 only when this node cannot serve: what another process must mend takes no node out of the balancer."""
    serves = {name: _holds(check) for name, check in NEEDED.items()}
    helps = {name: _holds(check) for name, check in WATCHED.items()}
    is_ok = all(serves.values())
    answer = {"ok": is_ok, "degraded": not (is_ok and all(helps.values()))} | serves | helps
    return answer, 200 if is_ok else 503


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 any failure means not ready
        return False


def _database() -> bool:
    return bool(database.execute_sql("SELECT 1").fetchone())


def _queue() -> bool:
    return bool(current_app.extensions["portal.queue"].pending_count() >= 0)


NEEDED = {"database": _database, "migrations": lambda: not pending()}
WATCHED = {"queue": _queue, "worker": heartbeat.is_working, "disk": disk.has_room, "store": disk.is_writable}
