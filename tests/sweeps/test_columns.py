"""No form writes a column that it does not have: names of columns sent along are ignored (S07).

Every column of every table goes along with each deed, all with the same odd value, and so no row may hold it after.
"""

import re
import sqlite3
from datetime import date
from typing import Any

import pytest

from portal.core.referrals.models import Referral
from portal.schema import TABLES
from portal.store.db import database
from tests.factories import make_account, make_centre, make_entry, make_specialty, make_staff
from tests.sweeps.forms import Form, forms, pages
from tests.sweeps.test_statements import deeds as deeds
from tests.web.forms.test_kept_forms import world as world

ODD = "424242"
SEALED = {"kept_form"}  # what was typed, for its writer alone
UID = re.compile(r"(?<=/)[\w-]{22}(?=/|$)")
ENDS = {"/logout", "/staff/login"}
# Forms of each role that do what they say; the others are refused, and their fields ignored all the same.
FEWEST = {"beneficiary": 10, "doctor": 5, "author": 3, "medical_officer": 1, "pharmacist": 1, "desk": 3, "admin": 20}
COLUMNS = sorted(
    {name for table in TABLES for field in table._meta.sorted_fields for name in (field.name, field.column_name)}
)


def holding(value: str) -> set[str]:
    """The tables in which some column is exactly this."""
    found = set()
    for table in set(database.get_tables()) - SEALED:
        rows = database.execute_sql(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
        found |= {table for row in rows if value in map(str, row)}
    return found


@pytest.mark.parametrize("name", ["token", "next", "accept", "dispense"])
def test_columns_sent_along_with_a_deed_are_ignored(deeds: dict[str, Any], name: str) -> None:
    more = dict.fromkeys(COLUMNS, ODD)
    assert deeds[name](**more).status_code == 303
    assert holding(ODD) == set()


@pytest.mark.parametrize("name", ["register", "refer"])
def test_columns_sent_along_with_a_form_are_ignored(sign_in, db, name: str) -> None:
    entry = make_entry(ben_id="1000001", date_of_birth=date(1985, 5, 5), mobile="+919000000001", centre=make_centre())
    make_specialty()
    who, address, form = {
        "register": (
            make_account(entry.mobile),
            "/register",
            {
                "ben_id": "1000001",
                "address": "12 Lodhi Road",
                "language": "en",
                "consent": "yes",
                "date_of_birth": "1985-05-05",
            },
        ),
        "refer": (
            make_staff("medical_officer", centre=entry.centre),
            "/referrals/new",
            {"ben_id": "1000001", "specialty": "medicine", "reason": "Chest pain", "request": ""},
        ),
    }[name]
    assert sign_in(who).submit(address, dict.fromkeys(COLUMNS, ODD) | form).status_code == 303
    assert holding(ODD) == set()


@pytest.mark.parametrize("role", FEWEST)
def test_columns_sent_along_with_any_form_are_ignored(world: dict[str, Any], sign_in, role: str) -> None:
    """Every form of every page of a role, each sent to the rows as they were."""
    browser = sign_in(world["people"][role])
    sent = forms(pages(browser, {"author": "doctor"}.get(role, role), world["names"]))
    own, token = names_by_route(sent), browser.hidden_fields("/help")["csrf_token"]
    kept, written, taken = sqlite3.connect(":memory:"), {}, 0
    database.obj.connection().backup(kept)
    for form in [form for form in sent if form.method == "POST" and form.action not in ENDS]:
        more = {name: ODD for name in COLUMNS if name not in own[route_of(form)]}
        kept.backup(database.obj.connection())
        answer = browser.post(form.action, data=more | form.fields | {"csrf_token": token}, buffered=True)
        assert "/login" not in answer.headers.get("Location", ""), form
        taken += answer.status_code == 303
        if found := holding(ODD):
            written[route_of(form)] = found
    assert written == {}
    assert taken >= FEWEST[role]


def route_of(form: Form) -> str:
    """Where a form is sent, without the id of its object."""
    return UID.sub("<uid>", form.action)


def names_by_route(sent: list[Form]) -> dict[str, set[str]]:
    """The fields that forms of each route have on some page: these may be written."""
    found: dict[str, set[str]] = {}
    for form in sent:
        found.setdefault(route_of(form), set()).update(form.fields)
    return found


def test_a_column_that_was_written_would_be_seen(deeds: dict[str, Any]) -> None:
    Referral.update(reason=ODD).execute()
    assert holding(ODD) == {"referral"}
