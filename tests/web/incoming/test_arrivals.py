"""How the last requests arrived, kept for `portal check`."""

import json

from portal.web.incoming.arrivals import ENOUGH, EVERY, LAST, NAME, Arrivals, last_seen

PROXIED = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_HOST": "opd.example.in"}


def environ(**more: str) -> dict[str, str]:
    return {"wsgi.url_scheme": "http", "HTTP_HOST": "127.0.0.1:8000"} | more


def test_a_few_requests_say_nothing(tmp_path, now):
    arrivals = Arrivals(tmp_path / NAME)
    for _request in range(ENOUGH - 1):
        arrivals.note(environ())
    assert last_seen(tmp_path, now) is None
    arrivals.note(environ())
    assert last_seen(tmp_path, now).host == "127.0.0.1:8000"


def test_what_most_requests_show_decides(tmp_path, now):
    arrivals = Arrivals(tmp_path / NAME)
    for number in range(ENOUGH):
        arrivals.note(environ(**PROXIED) if number % 3 else environ(HTTP_X_FORWARDED_FOR="1, 2, 3", HTTP_HOST="forged"))
    seen = last_seen(tmp_path, now)
    assert (seen.forwarded, seen.host, seen.is_https) == (1, "opd.example.in", True)


def test_the_file_holds_no_address_and_is_written_once_a_minute(tmp_path, now, monkeypatch):
    seconds = 1000.0
    monkeypatch.setattr("portal.base.clock.monotonic", lambda: seconds)
    arrivals = Arrivals(tmp_path / NAME)
    for _request in range(ENOUGH):
        arrivals.note(environ(**PROXIED))
    text = (tmp_path / NAME).read_text()
    assert "203.0.113.9" not in text
    for _request in range(LAST):
        arrivals.note(environ())
    assert (tmp_path / NAME).read_text() == text
    seconds += EVERY
    arrivals.note(environ())
    assert json.loads((tmp_path / NAME).read_text())["seen"] == [0, "127.0.0.1:8000", False]
    assert [path.name for path in tmp_path.glob("arrivals*")] == [NAME]


def test_a_folder_that_cannot_be_written_fails_no_request(tmp_path):
    arrivals = Arrivals(tmp_path / "nowhere" / NAME)
    for _request in range(ENOUGH):
        arrivals.note(environ())


def test_a_damaged_file_says_nothing(tmp_path, now):
    for text in ("", "{}", '{"at": "x", "seen": [1]}', '{"at": "2026-11-23T04:00:00+00:00", "seen": 3}', "[]"):
        (tmp_path / NAME).write_text(text)
        assert last_seen(tmp_path, now) is None
