"""Sanitised text: no invisible or bidirectional control characters."""

import re

import pytest
from flask import render_template_string

from portal.base.plain_text import one_line, plain, shortened
from tests.factories import make_beneficiary, make_entry, make_referral, make_staff, make_visit

UNSEEN = [
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200f",
    "\u061c",
    "\ufeff",
    "\u00ad",
    "\x00",
    "\x1b",
    "\x85",
    "\ud800",
    "\U000e0041",
]
WORDS = ["Ramesh", "रमेश कुमार", "क्‍ष", "क्‌ष", "O'Brien 😀", "a\tb\nc\r\n", "José", "محمد", "25 µg"]  # joiners too
TURNED = "Ramesh\u202eramuK\u200b"
EVERY = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f]")


@pytest.mark.parametrize("sign", UNSEEN)
def test_invisible_characters_are_removed(sign):
    assert plain(f"Ra{sign}m") == "Ram"


@pytest.mark.parametrize("text", WORDS)
def test_ordinary_text_is_unchanged(text):
    assert plain(text) == text


def test_a_name_is_one_line_with_single_spaces():
    assert one_line(" Ra\u202em \n  Kumar\u00a0 Singh ") == "Ram Kumar Singh"


def test_truncated_text_ends_with_an_ellipsis():
    assert (shortened("Ramesh", 6), shortened("Ramesh Kumar", 8)) == ("Ramesh", "Ramesh…")


def test_templates_print_no_invisible_characters(app):
    with app.test_request_context():
        page = render_template_string('{{ text }}{{ ui.input("q", text, text) }}{{ "%s"|format(text) }}', text=TURNED)
    assert not EVERY.search(page)
    assert page.count("RameshramuK") == 4


def test_markup_is_not_escaped_twice(app):
    with app.test_request_context():
        assert render_template_string("{{ ui.empty(text) }}", text="<b>&") == '<p class="empty">&lt;b&gt;&amp;</p>'


def test_stored_invisible_characters_are_not_shown(sign_in, now):
    person = make_beneficiary(entry=make_entry(name=TURNED))
    doctor = make_staff("doctor", name=TURNED)
    make_referral(person.entry, reason=TURNED)
    visit = make_visit("called", beneficiary=person, doctor=doctor, complaint=TURNED)
    pages = [
        (person, "/home"),
        (person, f"/visits/{visit.uid}"),
        (doctor, "/board"),
        (doctor, f"/visits/{visit.uid}/consult"),
        (make_staff("medical_officer"), "/referrals"),
        (make_staff("admin"), "/admin/staff"),
    ]
    for who, path in pages:
        text = sign_in(who).get(path).text
        assert "RameshramuK" in text, path
        assert not EVERY.search(text), path
