"""The logs of web and worker as operators run them: one request is followed through both by its id."""

import json
import re

import httpx
import pytest

from tests.servers import running_portal, wait_for

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
GIVEN = "0b8d6e0e-1d5c-4a53-9d5c-4a530b8d6e0e"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """A demo that trusts one proxy, as which this test speaks."""
    with running_portal(tmp_path_factory.mktemp("portal"), PORTAL_TRUSTED_PROXIES="1") as running:
        yield running


def lines(portal, name: str) -> list[dict[str, object]]:
    """Return the JSON lines of a log with the id."""
    found = [json.loads(line) for line in portal.log(name).splitlines() if line.startswith("{")]
    return [line for line in found if line.get("request_id") == GIVEN]


def test_an_otp_is_followed_from_the_request_to_the_text_that_the_worker_sends(portal):
    with httpx.Client(base_url=portal.url, headers={"X-Forwarded-For": "203.0.113.5"}) as browser:
        token = TOKEN.findall(browser.get("/login").text)[0]
        form = {"csrf_token": token, "mobile": "9812345678"}
        answer = browser.post("/login", data=form, headers={"X-Request-Id": GIVEN})
    assert answer.status_code == 303
    assert answer.headers["X-Request-Id"] == GIVEN
    (request,) = lines(portal, "serve")
    assert (request["event"], request["route"], request["method"]) == ("request", "/login", "POST")

    def sent() -> list[object]:
        jobs = [line["job"] for line in lines(portal, "worker") if line["event"] == "job"]
        return jobs if "send_secret" in jobs else []

    assert {"deliver", "send_secret"} <= set(wait_for(sent, "the worker's lines"))
    assert "9812345678" not in portal.log("serve") + portal.log("worker")
