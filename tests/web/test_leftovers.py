"""What was forgotten is not served: folders of versions, backups, lists, consoles (S68)."""

import pytest

LEFT = (
    "/.git/HEAD",
    "/.git/config",
    "/.env",
    "/.venv/pyvenv.cfg",
    "/backup.tar",
    "/portal.db",
    "/var/portal.db",
    "/var/secret.key",
    "/secret.key",
    "/static/",
    "/static/../portal.db",
    "/static/..%2f..%2fconfig.py",
    "/static/%2e%2e/config.py",
    "/static/etc/passwd",
    "/x/video_webrtc/static/../models.py",
    "/debug",
    "/console",
    "/admin.php",
    "/server-status",
    "/robots.txt~",
    "/portal/app.py",
    "/records/",
    "/records/../secret.key",
    "/prescriptions/../../secret.key",
)


@pytest.mark.parametrize("address", LEFT)
def test_a_leftover_is_not_found(client, address: str) -> None:
    answer = client.get(address, buffered=True)
    assert answer.status_code in {303, 404}, answer.text[:200]
    if answer.status_code == 303:
        assert answer.location.startswith("/login"), "a page of ours that asks who is there"


def test_the_health_pages_say_only_whether_it_works(client) -> None:
    assert client.get("/healthz").json == {"ok": True}
    assert all(isinstance(value, bool) for value in client.get("/readyz").json.values())
