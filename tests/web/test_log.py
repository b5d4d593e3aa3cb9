"""Logging without personal data (S61)."""

import json
import logging

from structlog.testing import capture_logs

from portal.web import log
from portal.work import cause
from tests.factories import make_beneficiary, make_referral, make_session, make_specialty


def test_a_library_that_logs_by_itself_has_the_same_form_and_the_id(app):
    line = logging.LogRecord("some.plugin", logging.WARNING, __file__, 1, "%s is slow", ("The gateway",), None)
    with cause.of("8f14e45fceea167a5a36dedd4bea2543"):
        found = json.loads(logging.lastResort.format(line))
    assert (found["event"], found["logger"], found["level"]) == ("The gateway is slow", "some.plugin", "warning")
    assert found["request_id"] == "8f14e45fceea167a5a36dedd4bea2543"


def test_a_fault_is_logged_without_the_values_in_its_words():
    words = "duplicate key 1234567 of +919812345678\nDETAIL:  Key (name)=(Canary Kumar) already exists."
    try:
        raise ValueError(words)
    except ValueError:
        said = log._traceback(None, "error", {"event": "unexpected_error", "exc_info": True})["exception"]
    assert "ValueError: duplicate key … of +…" in said
    assert "test_log.py" in said
    assert not [canary for canary in ("1234567", "9812345678", "Canary") if canary in said]


def test_a_visit_logs_no_personal_data(sign_in):
    make_specialty()
    make_session()
    person = make_beneficiary(name="Canaryname Kumar", mobile="+919812345678", ben_id="7654321", address="Canary Road")
    make_referral(person.entry)
    browser = sign_in(person)
    form = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "canarycough", "consent": "yes"}
    with capture_logs() as lines:
        page = browser.submit("/tokens/new", form).headers["Location"]
        browser.get(page)
        browser.get("/home?secret=canaryquery")
        browser.get("/demo/phone/9812345678")
    for canary in ("Canary", "canary", "9812345678", "7654321", person.uid, page.rpartition("/")[2]):
        assert canary not in str(lines), canary
    assert "/visits/<uid>" in [line.get("route") for line in lines]
