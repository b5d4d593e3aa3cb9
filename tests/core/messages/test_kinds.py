"""Catalogue of messages: a new SMS is one entry, and every page, form, list and rule has it."""

import ast
import html
import inspect
import re
from datetime import timedelta

import pytest

from portal.base.language import speaking
from portal.core.accounts.models import Account
from portal.core.messages import kinds
from portal.core.messages.catalogue import mobiles, referrals, rights
from portal.core.messages.catalogue.kind import MessageKind
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Message
from portal.core.messages.quiet import first_moment
from portal.core.messages.services import queue as put
from portal.core.outbox.phone_list import to_phone
from scripts import texts_page
from tests.core.messages.test_quiet import MORNING, NIGHT
from tests.factories import make_beneficiary, make_staff


@pytest.fixture
def reminder(monkeypatch) -> MessageKind:
    """A new kind, added in one place."""
    kind = MessageKind(
        "lab_report",
        lambda: "Lab report",
        "Your follow-up is on $day. Please request a token then. -CGHSTC",
        "आपकी अगली जाँच $day को है। उस दिन टोकन लें। -CGHSTC",
        {"day": "23-11-2026"},
        purpose=lambda: "So that you do not forget it.",
        life=timedelta(hours=5),
        waits="morning",
        is_optional=True,
        is_phoned=True,
    )
    monkeypatch.setitem(KINDS, kind.key, kind)
    return kind


def read(answer) -> str:
    return html.unescape(answer.text)


def test_a_new_kind_is_sent_in_the_patients_language_and_expires_by_its_entry(operator, queue, now, reminder):
    put("cause", "+919876543210", "lab_report", "hi", {"day": "01-12-2026"}, now=now)
    queue.drain()
    assert [text.text for text in operator.ledger] == ["आपकी अगली जाँच 01-12-2026 को है। उस दिन टोकन लें। -CGHSTC"]
    assert Message.get().expires_at == now + reminder.life


def test_a_new_kind_is_postponed_by_quiet_hours(db, reminder):
    assert first_moment("lab_report", NIGHT) == MORNING


def test_a_new_kind_has_its_template_page_and_dlt_form(sign_in, reminder):
    admin = sign_in(make_staff("admin"))
    listed = read(admin.get("/admin/messages/templates"))
    assert "Lab report" in listed
    assert reminder.hi in listed
    assert re.search("Prescription ready, [^.]*Registration, Lab report", listed)
    page = read(admin.get("/admin/messages/templates/lab_report/en"))
    assert "Your follow-up is on {#alphanumeric#}. Please request a token then. -CGHSTC" in page
    assert "Your follow-up is on 23-11-2026." in page


def test_a_new_kind_can_be_filtered_in_the_outbox(sign_in, reminder):
    assert '<option value="lab_report"' in sign_in(make_staff("admin")).get("/admin/messages").text


def test_a_new_kind_can_be_switched_off_if_its_entry_allows(operator, queue, now, sign_in, reminder):
    person = sign_in(make_beneficiary())
    assert "So that you do not forget it." in person.get("/messages").text
    assert person.submit("/messages", {}).status_code == 303
    put("cause", Account.get().mobile, "lab_report", "en", {"day": "01-12-2026"}, now=now)
    assert Message.select().count() == 0


def test_a_new_kind_is_on_the_phone_list_if_its_entry_says_so(db, now, reminder):
    put("cause", "+919876543210", "lab_report", "en", {"day": "01-12-2026"}, now=now)
    Message.update(state="failed").execute()
    assert [row.template for row in to_phone(now)] == ["lab_report"]


def test_a_new_kind_is_in_the_generated_docs(app, reminder):
    assert "## Lab report (`lab_report`)" in texts_page.page()


def test_the_generated_docs_are_not_stale(app):
    """When this fails: python -m scripts.texts_page"""
    assert texts_page.PAGE.read_text("utf-8") == texts_page.page()


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_has_hindi_words_and_a_key_that_fits_its_column(app, key):
    kind = KINDS[key]
    with speaking("en"):
        english = {kind.word(), kind.purpose()}
    with speaking("hi"):
        hindi = {kind.word(), kind.purpose()}
    assert not (english & hindi) - {""}
    assert (kind.key, len(key) <= Message.template.max_length) == (key, True)


def test_keys_of_kinds_are_unique():
    """A duplicate would silently replace the first."""
    trees = [ast.parse(inspect.getsource(module)) for module in (kinds, mobiles, referrals, rights)]
    entries = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [ast.unparse(node.func) for node in entries].count("MessageKind") == len(KINDS)


def test_every_optional_kind_says_what_it_is_for(app):
    assert all(kinds.optional().values())
    assert all(kind.purpose() for kind in KINDS.values() if kind.is_phoned)
