"""Whatever stands in the database is text on every page: polyglots in every text column, in Chromium (S34).

The pages come without their content policy, so that escaping alone has to hold; the policy has tests of its own.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle
from typing import Any

import peewee
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route

from portal.base.mobile import normalise
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.visits.models import Visit
from portal.store.db import write
from portal.work import audit
from portal.work.audit import SYSTEM
from tests.browser import TIMEOUT
from tests.factories import make_staff
from tests.sweeps.everything import addresses, fill, tables
from tests.test_access import TABLE
from tests.web.forms.test_kept_forms import world as world

POLYGLOTS = (
    '"><img src=x onerror=__xss=1>',
    "</title></textarea></script><script>__xss=2</script>",
    "<svg/onload=__xss=3>",
    "' autofocus onfocus='__xss=4' x='",
    '" onmouseover="__xss=5" x="',
    "javascript:__xss=6//",
    "<b hx-get=/evil-canary hx-trigger=load>राम</b>",
    "<i hx-on:load=__xss=7>\u202eगीता\u200d",
    "<img src=//evil-canary.example/x>",
    "<a href=javascript:__xss=8 class=button>x</a>",
    "{{7*7}}${7*7}<iframe srcdoc='<script>parent.__xss=9</script>'>",
)
SHORTEST = 60  # a column this wide holds what somebody writes; narrower ones hold words of ours
# Wide columns that are looked up or opened, and never shown as they stand.
LOOKED_UP = re.compile(
    r"uid$|hash$|_key$|sha256|stored_name|^(path|owner|nonce|mark|ticket|cause|typed|bucket|key|device)$"
)
OURS = {
    "audit_row",
    "event",
    "delivery",
    "setting",
    "plugin_state",
    "staff",
    "attempt",
    "counter",
    "sign_in",
    "kept_form",
}
INERT = """() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
  .filter((one) => /^(on|hx-)/.test(one.name) && /__xss|evil-canary/.test(one.value)
    || /^(href|src|action|srcdoc)$/.test(one.name) && /^\\\\s*javascript:|__xss|evil-canary/.test(one.value))
  .map((one) => `${element.tagName} ${one.name}=${one.value}`)).concat(window.__xss ? [`ran: ${window.__xss}`] : [])"""
FEWEST = {"beneficiary": 20, "doctor": 12, "author": 8, "medical_officer": 6, "pharmacist": 3, "desk": 5}
FEWEST |= {"admin": 40, "auditor": 2, "rights_officer": 4}
OF_STAFF = ("name", "name_hi", "qualification", "registration_number")


def texts(table: Any) -> Iterator[peewee.Field]:
    """The columns in which somebody writes."""
    for name, field in table._meta.fields.items():
        is_text = isinstance(field, peewee.TextField) or (
            isinstance(field, peewee.CharField) and (field.max_length or 0) >= SHORTEST
        )
        if is_text and not field.unique and not LOOKED_UP.search(name):
            yield field


def poisoned(value: Any, words: Iterator[str]) -> Any:
    """A value of JSON with a polyglot in place of each sentence."""
    if isinstance(value, dict):
        return {name: poisoned(part, words) for name, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, words) for part in value]
    return next(words) if isinstance(value, str) and " " in value else value


@pytest.fixture
def poisoned_world(world: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Everybody's rows, with polyglots wherever somebody may have written."""
    person = world["people"]["beneficiary"]
    mine = Visit.get(Visit.uid == world["names"]["mine"])
    world["people"] |= {role: make_staff(role) for role in ("auditor", "rights_officer")}
    fill({Beneficiary: person, Visit: mine, Account: person.account, "staff": world["people"]["desk"]})
    words = cycle(POLYGLOTS)
    for text in POLYGLOTS:
        audit.note("RecordOpened", person.uid, by=SYSTEM, now=now, reason=text)
    for row in Staff.select():
        for name in OF_STAFF:
            setattr(row, name, next(words)[: getattr(Staff, name).max_length])
        row.save()
    for table in tables():
        if table._meta.table_name in OURS:
            continue
        with write():
            for row in table.select():
                for field in texts(table):
                    setattr(row, field.name, next(words)[: field.max_length if hasattr(field, "max_length") else None])
                for name, field in table._meta.fields.items():
                    if isinstance(field, peewee.JSONField):
                        setattr(row, name, poisoned(getattr(row, name), words))
                row.save()
    assert normalise(person.account.mobile)
    return world


class Seen:
    """A page of Chromium whose requests a test client answers."""

    def __init__(self, page: Page, client: FlaskClient) -> None:
        self.page, self.client, self.asked = page, client, list[str]()
        page.route("**/*", self._answer)
        page.on("dialog", lambda dialog: self.asked.append(f"evil-canary dialog {dialog.message}"))

    def _answer(self, route: Route) -> None:
        asked = route.request
        self.asked.append(asked.url)
        if asked.method != "GET" or not asked.url.startswith("http://localhost/"):
            route.fulfill(status=204)
            return
        headers = {name: value for name, value in asked.headers.items() if name.startswith(("hx-", "accept"))}
        answer = self.client.get(asked.url.removeprefix("http://localhost"), headers=headers, buffered=True)
        bare = {name: value for name, value in answer.headers if name not in {"Content-Security-Policy", "Set-Cookie"}}
        route.fulfill(status=answer.status_code, headers=bare, body=answer.data)

    def wrong_on(self, address: str) -> list[str]:
        """What on a page is more than text."""
        self.asked.clear()
        self.page.goto(f"http://localhost{address}")
        found: list[str] = self.page.evaluate(INERT)
        return found + [url for url in self.asked if "evil-canary" in url]


def pages_of(role: str, world: dict[str, Any], client: FlaskClient) -> Iterator[str]:
    """The pages that somebody of a role can open."""
    ids = sorted({*world["names"].values()})
    for route, roles in TABLE.items():
        method, rule = route.split(" ", 1)
        if method != "GET" or role not in roles or rule in {"/logout", "/call-bar"}:
            continue
        for uid in ids if "<" in rule else [""]:
            address = addresses(rule, uid)
            answer = client.get(address, buffered=True)
            assert answer.status_code < 500 or answer.status_code == 503, address
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield address


@pytest.mark.parametrize("name", FEWEST)
def test_what_stands_in_the_database_is_text_on_every_page(
    poisoned_world, sign_in, chromium: Browser, name: str
) -> None:
    client = sign_in(poisoned_world["people"][name])
    role = {"author": "doctor"}.get(name, name)
    context = chromium.new_context()
    context.set_default_timeout(TIMEOUT)
    seen = Seen(context.new_page(), client)
    opened = list(pages_of(role, poisoned_world, client))
    wrong = {address: found for address in opened if (found := seen.wrong_on(address))}
    context.close()
    assert wrong == {}
    assert len(opened) >= FEWEST[name], opened
