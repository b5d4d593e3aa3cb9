"""Error pages say so in their title, which a screen reader says first and a tab shows."""

import re

import pytest

from portal.base import language
from portal.web import errors
from tests.factories import make_staff
from tests.fakes import Operator, install_plugin


def title_of(answer) -> str:
    return re.search(r"<title>(.*?)</title>", answer.get_data(as_text=True), re.DOTALL)[1]


@pytest.mark.parametrize(("language", "word"), [("en", "Error: "), ("hi", "त्रुटि: ")])
def test_error_pages_say_so_first_in_their_title(app, client, db: None, language: str, word: str) -> None:
    install_plugin(app, "operator", send_message=Operator().send_message)
    client.get(f"/lang/{language}")
    assert not title_of(client.get("/login")).startswith(word)
    assert title_of(client.submit("/login", {"mobile": "12"})).startswith(word)
    assert title_of(client.submit("/staff/login", {"username": "nobody", "password": "wrong"})).startswith(word)
    assert title_of(client.get("/nothing")).startswith(word)
    assert title_of(client.post("/login", data={"mobile": "9000000001"})).startswith(word)


def test_a_refusal_page_says_so_in_its_title(sign_in, db: None) -> None:
    doctor = sign_in(make_staff("doctor"))
    answer = doctor.submit("/board/next", {}, page="/board")
    assert answer.status_code == 409
    assert title_of(answer).startswith("Error: ")


def test_a_confirmation_page_is_no_error(sign_in, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.plugin_host.capabilities._in_use", [lambda plugin: 1])
    admin = sign_in(make_staff("admin"))
    answer = admin.submit("/admin/plugins/video_webrtc/disable", {}, page="/admin/plugins")
    assert answer.status_code == 409
    assert not title_of(answer).startswith("Error: ")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 503])
@pytest.mark.parametrize(("spoken", "word"), [("en", "Error: "), ("hi", "त्रुटि: ")])
def test_every_error_status_says_so_first_in_the_title(app, db: None, status: int, spoken: str, word: str) -> None:
    with app.test_request_context("/"), language.speaking(spoken):
        assert title_of(errors.answer(status)).startswith(word)


def test_the_database_outage_page_says_so_in_its_title(app, db: None) -> None:
    with app.test_request_context("/"):
        assert title_of(errors.away()).startswith("Error: ")
