"""Who may not, is answered by what they came with: a page leads on, htmx is told where to, a program gets a status."""

from dataclasses import replace

import pytest

from portal.web.access import allow
from portal.work.audit import AuditRow
from tests.factories import make_staff
from tests.noted import actor_of, noted

HTMX, JSON = {"HX-Request": "true"}, {"Accept": "application/json"}
SETS_UP = "/staff/second-factor"


def went(answer) -> tuple[int, str | None]:
    """The status, and where it leads."""
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
def test_a_stranger_is_led_to_the_sign_in(client, headers, path, expected):
    assert went(client.get(path, headers=headers)) == expected


def test_a_strangers_form_leads_to_the_first_page(client):
    assert went(client.submit("/board/next", page="/login")) == (303, "/login?next=/home")


def test_the_wrong_role_is_refused_and_on_record(app, sign_in):
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
def test_without_a_second_factor_one_is_set_up_first(app, sign_in, headers, method, expected):
    app.config["PORTAL"] = replace(app.config["PORTAL"], demo=False)
    browser = sign_in(make_staff("doctor"))
    if method == "GET":
        assert went(browser.get("/board", headers=headers)) == expected
    else:
        assert went(browser.submit("/board/next", page=SETS_UP, headers=headers)) == expected
    assert browser.get(SETS_UP).status_code == 200
