"""No form writes a column that it does not have: names of columns sent along are ignored (S07).

Every column of every table goes along with each deed, all with the same odd value, and so no row may hold it after.
"""

from datetime import date
from typing import Any

import pytest

from portal.core.referrals.models import Referral
from portal.schema import TABLES
from portal.store.db import database
from tests.factories import make_account, make_centre, make_entry, make_specialty, make_staff
from tests.sweeps.test_statements import deeds as deeds

ODD = "424242"
SEALED = {"kept_form"}  # what was typed, for its writer alone
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


def test_a_column_that_was_written_would_be_seen(deeds: dict[str, Any]) -> None:
    Referral.update(reason=ODD).execute()
    assert holding(ODD) == {"referral"}
