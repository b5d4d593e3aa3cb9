"""For machines that watch: is the process alive, is it ready. They say ok or not ok and no more."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from portal.core.db import database
from portal.core.schema import pending
from portal.web.access import allow

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allow("anyone")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"ok": True}


@bp.get("/readyz")
@allow("anyone")
def readyz() -> ResponseReturnValue:
    """Database, queue and migrations are in order; else 503."""
    checks = {"database": _database, "queue": _queue, "migrations": lambda: not pending()}
    results = {name: _holds(check) for name, check in checks.items()}
    return {"ok": all(results.values())} | results, 200 if all(results.values()) else 503


def _holds(check: object) -> bool:
    try:
        return bool(check())  # type: ignore[operator]
    except Exception:  # noqa: BLE001 any failure means not ready
        return False


def _database() -> bool:
    return bool(database.execute_sql("SELECT 1").fetchone())


def _queue() -> bool:
    return bool(current_app.extensions["portal.queue"].pending_count() >= 0)
