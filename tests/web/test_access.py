"""Denied requests: a page redirects, htmx gets HX-Redirect, a program a status."""

from dataclasses import replace

import pytest

from portal.web.access import allow
from portal.work.audit import AuditRow
from tests.factories import make_staff
from tests.noted import actor_of, noted

HTMX, JSON = {"HX-Request": "true"}, {"Accept": "application/json"}
SETS_UP = "/staff/second-factor"


def went(answer) -> tuple[int, str | None]:
    """Return the status and the target of the redirect."""
    return answer.status_code, answer.headers.get("Location") or answer.headers.get("HX-Redirect")


@pytest.mark.parametrize(
    ("headers", "path", "expected"),
    [
        ({}, "/desk?q=1", (303, "/login?next=/desk%3Fq%3D1")),
        (HTMX, "/desk?q=1", (401, "/login")),
        (HTMX | {"HX-Current-URL": "http://localhost/desk?q=2"}, "/desk", (401, "/login?next=/desk%3Fq%3D2")),
        (HTMX | {"X-Background": "1"}, "/desk", (401, "/login")),
        ({"X-Background": "1"}, "/desk", (303, "/login?next=/desk")),
    ],
)
def test_without_a_sign_in_each_client_is_directed_to_it(client, headers, path, expected):
    assert went(client.get(path, headers=headers)) == expected


def test_a_form_without_a_sign_in_redirects_to_the_front_page(client):
    assert went(client.submit("/board/next", page="/login")) == (303, "/login?next=/home")


def test_a_denied_permission_is_audited(app, sign_in):
    app.add_url_rule("/far", "far" * 20, allow("admin")(lambda: ""))
    desk = make_staff("desk")
    browser = sign_in(desk)
    assert noted(lambda: browser.get("/board")) == [("Refused", actor_of(desk), "visits.board.show")]
    assert AuditRow.get().details == '{"status": 403}'
    ((_action, _by, cut),) = noted(lambda: browser.get("/far"))
    assert cut == ("far" * 20)[:40]


@pytest.mark.parametrize(
    ("headers", "method", "expected"),
    [({}, "GET", (303, SETS_UP)), (HTMX, "GET", (403, SETS_UP)), (JSON, "GET", (403, None)), ({}, "POST", (403, None))],
)
def test_staff_without_a_second_factor_must_set_one_up(app, sign_in, headers, method, expected):
    app.config["PORTAL"] = replace(app.config["PORTAL"], demo=False)
    browser = sign_in(make_staff("doctor"))
    if method == "GET":
        assert went(browser.get("/board", headers=headers)) == expected
    else:
        assert went(browser.submit("/board/next", page=SETS_UP, headers=headers)) == expected
    assert browser.get(SETS_UP).status_code == 200
