"""Drafts: every form is restored after an expired sign-in, CSRF token or step-up."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from portal.base.errors import Unavailable
from portal.core.accounts.models import SignIn
from portal.core.messages.models import Message
from portal.plugin_host.registry import registry
from portal.web.access import roles_of
from portal.web.forms import kept
from portal.web.forms.kept_forms import SECRET
from tests.consulting import make_prescription
from tests.factories import (
    make_beneficiary,
    make_case,
    make_duty,
    make_hold,
    make_list_draft,
    make_referral,
    make_register_import,
    make_request,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)
from tests.fakes import turn_on
from tests.web.forms.form_pages import OF_SOMETHING, PAGES, WITHOUT_A_FORM

NOT_TYPED = {"hidden", "password", "file", "submit", "button"}
TRIED = sorted(
    {
        ("beneficiary", "/grievance"),  # a page for anyone, with a form for the family
        *((role, address) for address, role in PAGES.items()),
        *(each for several in OF_SOMETHING.values() for each in several),
    }
)


class Forms(HTMLParser):
    """The forms of a page: for each its controls, as (name, type, value, is chosen)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[list[list[object]]] = []
        self._is_open, self._select, self._area, self._is_pattern = False, "", False, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._is_pattern |= tag == "template"
        if self._is_pattern:
            return
        if tag == "form":
            self._is_open = given.get("method") == "post"
            self.forms += [[]] if self._is_open else []
        elif self._is_open and tag == "input" and given.get("name"):
            self._add(given["name"], given.get("type") or "text", given.get("value") or "", "checked" in given)
        elif self._is_open and tag == "textarea":
            self._area = True
            self._add(given["name"], "textarea", "", True)
        elif tag in {"select", "datalist"}:
            self._select = given.get("name") or ""  # suggestions belong to no control
        elif self._is_open and tag == "option" and self._select:
            self._add(self._select, "option", given.get("value") or "", "selected" in given)

    def handle_endtag(self, tag):
        self._is_open &= tag != "form"
        self._area &= tag != "textarea"
        self._is_pattern &= tag != "template"

    def handle_data(self, data):
        if self._area:
            self.forms[-1][-1][2] += data

    def _add(self, *control):
        self.forms[-1].append(list(control))


@pytest.fixture
def world(db, now):
    for name in registry().installed:
        turn_on(name)
    person, doctor, session = make_beneficiary(), make_staff(), make_session()
    make_duty(doctor, session)
    free = make_staff()
    make_duty(free, session)
    waiting = make_visit(beneficiary=person)
    over = make_visit("completed", beneficiary=person, doctor=doctor)
    closed = make_visit("completed", beneficiary=person, session=make_session(specialty=make_specialty("psychiatry")))
    people = {role: make_staff(role) for role in ("admin", "desk", "medical_officer", "pharmacist")}
    message = Message.create(
        cause="c",
        to="+919876543210",
        template="missed_call",
        language="en",
        values={"token": "MED-001"},
        state="failed",
        created_at=now,
        next_at=now,
        expires_at=now + timedelta(hours=1),
    )
    issued = make_prescription(now)
    return {
        "people": people | {"beneficiary": person, "doctor": doctor, "free": free, "author": issued.doctor},
        "names": {
            "staff": people["desk"].uid,
            "person": person.uid,
            "ben_id": person.entry.ben_id,
            "waiting": waiting.uid,
            "over": over.uid,
            "closed": closed.uid,
            "mine": make_visit("in_call", doctor=doctor).uid,
            "message": message.uid,
            "code": issued.code,
            "prescribed": issued.visit.uid,
            "shared": make_prescription(now, make_visit("in_call", beneficiary=person, live_key=None)).visit.uid,
            "referral": make_referral(person.entry).uid,
            "asked": make_request(person).uid,
            "case": make_case(person, "correction").uid,
            "hold": make_hold(person).uid,
            "draft": make_list_draft(asked_by=people["admin"]).uid,
            "chosen": make_register_import().uid,
            "compared": make_register_import(state="ready", counts={"new": 1, "gone": 1}).uid,
        },
    }


def filled(form):
    """Change the value of every input."""
    typed, lists = [], {}
    for name, kind, value, chosen in form:
        if kind in {"option", "radio"}:
            lists.setdefault(name, []).append((value, chosen))
        elif kind == "checkbox":
            typed += [] if chosen else [(name, value)]
        elif kind == "date":
            typed.append((name, "2026-12-02"))
        elif kind == "hidden":
            typed.append((name, value))
        elif kind not in NOT_TYPED:
            typed.append((name, "123 kept"))
    return typed + [
        (name, next((value for value, chosen in values[::-1] if value and not chosen), values[0][0]))
        for name, values in lists.items()
    ]


def shown(form):
    """The typed and chosen values a form would submit."""
    first = {}
    for name, kind, value, _chosen in form:
        if kind == "option":
            first.setdefault(name, value)
    picked = [(name, value) for name, kind, value, chosen in form if kind in {"option", "radio", "checkbox"} and chosen]
    texts = [
        (name, value.strip())
        for name, kind, value, chosen in form
        if kind not in NOT_TYPED | {"option", "radio", "checkbox"}
    ]
    named = {name for name, _value in picked}
    return sorted(texts + picked + [pair for pair in first.items() if pair[0] not in named])


def test_every_page_with_a_form_is_covered_here(app, db):
    pages = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not roles_of(app, rule.endpoint) & {"anyone", "machine"}
    }
    assert pages == {*PAGES, *OF_SOMETHING, *WITHOUT_A_FORM}


def test_every_form_restores_its_draft(world, sign_in, now):
    browsers = {role: sign_in(person) for role, person in world["people"].items()}
    lost = []
    for role, pattern in TRIED:
        address, person = pattern.format_map(world["names"]), world["people"][role]
        owner = (person.account if role == "beneficiary" else person).uid
        lost += [(pattern, pairs) for pairs in lost_on(browsers[role], address, owner, now) if pairs]
    assert lost == []


def lost_on(browser, address, owner, now):
    """For each form of a page: the kept values that were not restored."""
    before = browser.get(address)
    assert before.status_code in {200, 303}, address
    ids = re.findall(r' id="([^"]+)"', before.text.partition("<template")[0])
    assert sorted(ids) == sorted(set(ids)), address
    for number, whole in enumerate(Forms(before.text).forms):
        form = [control for control in whole if not SECRET.search(control[0])]
        names = {name for name, kind, *_ in form if kind not in NOT_TYPED}
        if not names or "form_of" not in {name for name, *_ in form}:
            continue
        typed = [pair for pair in filled(form) if pair[0] not in {"csrf_token", "form_of"}]
        kept.keep(owner, address, typed, now=now)
        with browser.session_transaction() as session:
            session["kept"] = True
        again = browser.get(address)
        assert "What you typed is here again" in again.text, address
        found = [pair for pair in shown(Forms(again.text).forms[number]) if pair[0] in names]
        yield sorted(set(found) ^ {pair for pair in typed if pair[0] in names})
        kept.drop(owner, address)


def test_a_draft_of_an_expired_sign_in_is_restored(sign_in, db, now):
    doctor = make_staff()
    browser = sign_in(doctor)
    hidden = browser.hidden_fields("/announcements")
    SignIn.update(ended_at=now).execute()
    typed = {"text": "Late by an hour", "form_of": hidden["form_of"], "password": "never"}
    assert browser.post("/kept", data=typed | {"csrf_token": hidden["csrf_token"]}).status_code == 204
    assert "Late by an hour" in sign_in_anew(sign_in, doctor).get("/announcements").text
    assert "Late by an hour" not in sign_in_anew(sign_in, make_staff()).get("/announcements").text
    assert "never" not in str(kept.of(doctor.uid, "/announcements", now=now))


def test_the_url_of_a_draft_is_stored_hashed(db, now):
    path, typed = f"/dispense?code={'K7QF' * 5}", [("collected_by", "her son")]
    kept.keep("pharmacist", path, typed, now=now)
    row = kept.KeptForm.get()
    assert "K7QF" not in f"{row.path} {row.typed}"
    assert kept.of("pharmacist", path, now=now) == typed
    assert kept.of("pharmacist", "/dispense", now=now) == []
    kept.drop("pharmacist", path)
    assert not kept.has_any("pharmacist", now=now)


def test_a_draft_from_before_an_upgrade_is_restored_and_replaced(db, now):
    kept.keep("pharmacist", "/dispense", [("code", "old")], now=now)
    kept.KeptForm.update(path="/dispense").execute()
    assert kept.of("pharmacist", "/dispense", now=now) == [("code", "old")]
    kept.keep("pharmacist", "/dispense", [("code", "new")], now=now)
    assert kept.KeptForm.select().count() == 1


def test_a_draft_is_only_stored_for_its_owner(sign_in, db, now):
    mine, other = make_staff(), make_staff()
    hidden = sign_in(mine).hidden_fields("/announcements")
    forged = hidden["form_of"].replace(mine.uid, other.uid)
    token = {"csrf_token": hidden["csrf_token"]}
    sign_in(mine).submit("/kept", {"text": "x", "form_of": forged} | token, page="/announcements")
    assert not kept.has_any(other.uid, now=now)


def test_a_draft_of_a_form_that_failed_as_a_whole_is_restored(sign_in, db, monkeypatch):
    def away(*_arguments, **_named):
        raise Unavailable(retry_after=5)

    browser = sign_in(make_staff())
    hidden = browser.hidden_fields("/announcements")
    monkeypatch.setattr("portal.core.visits.announcements.announce", away)
    answer = browser.post("/announcements", data=hidden | {"text": "Late by an hour"})
    assert (answer.status_code, 'href="/announcements"' in answer.text.partition("<main")[2]) == (503, True)
    assert "Back to what you typed" in answer.text
    assert "Late by an hour" in browser.get("/announcements").text


def sign_in_anew(sign_in, person):
    """As after signing in: look for drafts."""
    browser = sign_in(person)
    with browser.session_transaction() as session:
        session["kept"] = True
    return browser
