"""Who reads which column: every page of every role, searched for what stands in each column of people (S11).

tests/access.toml says under [fields] which roles read a column, whosesoever the row is; which rows those are is in the
other sweeps. Of another family at another centre none of them reads anything.
"""

import re
from io import BytesIO
from itertools import repeat
from typing import Any
from zipfile import ZipFile

import peewee
import pypdfium2
import pytest
from werkzeug.test import TestResponse

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.visits.models import Visit
from portal.store.db import write
from tests.e2e.test_inert import OURS, poisoned, texts
from tests.factories import make_staff
from tests.sweeps.everything import fill, tables
from tests.sweeps.forms import addresses
from tests.sweeps.test_swapped import is_somebodys
from tests.sweeps.test_swapped import others as others
from tests.test_access import FIELDS
from tests.web.forms.test_kept_forms import world as world

OF_ALL_CENTRES = ("admin", "auditor", "rights_officer")
OF_ONE = ("beneficiary", "doctor", "author", "medical_officer", "pharmacist", "desk")
CANARY = re.compile(r"Zq(\d{3})z")
NUMBERS = (Account.mobile, Beneficiary.patient_id, RegisterEntry.ben_id)  # as they are: they are looked up by them


class Canaries:
    """A word of its own in each column of people in which somebody writes."""

    def __init__(self) -> None:
        self.columns: list[str] = []

    def put(self, ids: dict[str, list[str]] | None = None) -> None:
        """Write them into every row, or into the rows with these ids by table."""
        for table in filter(is_somebodys, tables()):
            name = table._meta.table_name
            rows = table.select() if ids is None else table.select().where(table.id.in_(ids.get(name, [])))
            if name in OURS or not rows.exists():
                continue
            words = {field.name: self._word(f"{name}.{field.column_name}") for field in texts(table)}
            inside = {
                field.name: self._word(f"{name}.{field.column_name}")
                for field in table._meta.sorted_fields
                if isinstance(field, peewee.JSONField)
            }
            with write():
                for nth, row in enumerate(rows):
                    for column, word in words.items():
                        setattr(row, column, f"{word} {nth}")  # some are unique with others
                    for column, word in inside.items():
                        setattr(row, column, poisoned(getattr(row, column), repeat(word)))
                    row.save()

    def _word(self, column: str) -> str:
        self.columns.append(column)
        return f"Zq{len(self.columns) - 1:03}z"

    def found(self, text: str) -> set[str]:
        """The columns that a text tells."""
        return {self.columns[int(number)] for number in CANARY.findall(text)}


def text_of(answer: TestResponse) -> str:
    """What somebody can read in an answer: a page, a table, a PDF, the files of an archive."""
    if answer.mimetype == "application/pdf":
        document = pypdfium2.PdfDocument(answer.data)
        return " ".join(page.get_textpage().get_text_bounded() for page in document)
    if answer.mimetype == "application/zip":
        with ZipFile(BytesIO(answer.data)) as archive:
            return " ".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    return answer.data.decode("utf-8", "ignore")


def read_by(browser: Any, role: str, names: dict[str, str]) -> str:
    """Everything that a role can open."""
    opened = [browser.get(address, buffered=True) for address in addresses(role, names)]
    assert [answer.request.path for answer in opened if answer.status_code == 500] == []
    return "\n".join(text_of(answer) for answer in opened if answer.status_code == 200)


def of_routes(role: str) -> str:
    """The role that the routes name."""
    return {"author": "doctor"}.get(role, role)


@pytest.fixture
def people(world) -> dict[str, Any]:
    """Everybody of the world, and who watches over it."""
    return world["people"] | {role: make_staff(role) for role in ("auditor", "rights_officer")}


def test_each_column_is_read_by_the_roles_of_the_table(world, people, sign_in, capsys) -> None:
    person, mine = people["beneficiary"], Visit.get(Visit.uid == world["names"]["mine"])
    fill({Beneficiary: person, Visit: mine, Account: person.account, "staff": people["desk"]})
    canaries, seen = Canaries(), {}
    canaries.put()
    for role in (*OF_ONE, *OF_ALL_CENTRES):
        for column in canaries.found(read_by(sign_in(people[role]), of_routes(role), world["names"])):
            seen.setdefault(column, set()).add(of_routes(role))
    logged = capsys.readouterr()
    assert canaries.found(logged.out + logged.err) == set()
    assert {column: sorted(roles) for column, roles in seen.items()} == FIELDS


@pytest.mark.parametrize("role", OF_ONE)
def test_nothing_of_another_family_at_another_centre_is_read(world, people, others, sign_in, role: str) -> None:
    canaries = Canaries()
    canaries.put({table: ids for (table, column), ids in others.items() if column == "id"})
    numbers = {str(getattr(row, number.name))[-10:] for number in NUMBERS for row in theirs(number, others)}
    text = read_by(sign_in(people[role]), of_routes(role), world["names"])
    assert canaries.found(text) == set()
    assert {number for number in numbers if re.search(rf"\b{number}\b", text.replace(" ", ""))} == set()
    assert len(canaries.columns) > 60


def theirs(number: peewee.Field, others: dict[tuple[str, str], list[str]]) -> Any:
    """The rows of others that have this number."""
    return number.model.select().where(number.model.id.in_(others[number.model._meta.table_name, "id"]))
