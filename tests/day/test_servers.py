"""The two processes of a deployment start, answer and leave."""

import httpx


def test_the_portal_starts_answers_and_stops_cleanly(portal):
    assert httpx.get(f"{portal.url}/readyz").json() == {"ok": True, "database": True, "queue": True, "migrations": True}
    assert httpx.get(f"{portal.url}/").status_code == 200


def test_the_portal_runs_on_postgresql_too(portal_on_postgres):
    assert httpx.get(f"{portal_on_postgres.url}/readyz").json()["ok"] is True
