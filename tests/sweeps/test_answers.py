"""Every route answers as safely as any other: its headers over https (S33), and a fault inside its view (S64)."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from portal.web import errors
from portal.web.access import allow
from tests.test_access import ROLES, TABLE, filled
from tests.test_access import everything_on as everything_on
from tests.test_access import people as people

HTTPS = "https://localhost"
YEAR = "max-age=31536000; includeSubDomains"
OF_NOBODY = {"GET /static/<path:filename>", "GET /x/notify_webpush/worker.js"}  # files, the same for everybody
BEFORE_ALL = {"GET /healthz", "GET /readyz", "GET /metrics"}  # answered before any view
WORDS = "planted: the password is hunter2"


def opened(browser: Any, route: str, **options: Any) -> TestResponse:
    """Open a route with ids that lead nowhere, and read the whole answer."""
    method, rule = route.split(" ", 1)
    answer: TestResponse = browser.open(filled(rule), method=method, buffered=True, **options)
    return answer


def is_kept(answer: TestResponse) -> bool:
    """May a browser or a cache keep it for the next person?"""
    return not {"no-store", "private"} & set(answer.headers.get("Cache-Control", "").split(", "))


@pytest.mark.parametrize("role", ROLES)
def test_every_route_is_for_https_alone_and_out_of_caches(people, everything_on, role: str) -> None:
    browser, wrong = people(role), []
    for route in sorted(set(TABLE) - OF_NOBODY):
        answer = opened(browser, route, base_url=HTTPS)
        if answer.headers.get("Strict-Transport-Security") != YEAR or is_kept(answer):
            wrong.append((route, answer.status_code, answer.headers))
    assert wrong == []


def test_a_fault_in_any_view_is_a_plain_page_with_its_reference(app, client, everything_on, monkeypatch) -> None:
    """Neither the error nor its place is told, only what the helpline needs to find it in the log."""

    @allow("anyone")
    def fail(**_ids: str) -> None:
        raise ZeroDivisionError(WORDS)

    app.register_error_handler(Exception, errors._unexpected)
    token, wrong = client.hidden_fields("/login")["csrf_token"], []
    for endpoint in list(app.view_functions):
        monkeypatch.setitem(app.view_functions, endpoint, fail)
    with capture_logs() as lines:
        for route in sorted(set(TABLE) - BEFORE_ALL):
            data = {"csrf_token": token} if route.startswith("POST") else None
            answer = opened(client, route, data=data)
            told = WORDS in answer.text or "Traceback" in answer.text or "ZeroDivision" in answer.text
            if answer.status_code != 500 or told or answer.headers["X-Request-Id"][-8:] not in answer.text:
                wrong.append((route, answer.status_code, answer.text[-300:]))
    assert [(route, status) for route, status, _text in wrong] == []
    assert sum(line["event"] == "unexpected_error" for line in lines) == len(TABLE) - len(BEFORE_ALL)
