"""Whichever statement of a deed fails, nothing of it is left, the answer says so, and it can be done again (F09).

The n-th statement fails, for every n of the short ones: with a deadlock that the server ended, and with a full disk.
"""

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import peewee
import pytest

from portal.core.visits.models import Visit
from portal.store.db import database
from portal.work import audit, audit_chain
from tests.consulting import make_prescription, typed
from tests.factories import make_beneficiary, make_duty, make_referral, make_session, make_staff, make_visit

FAILURES = ("deadlock detected", "database or disk is full")
# That somebody came, tried or read is noted before the deed, and what was typed is kept when it fails.
BESIDES = {"sign_in", "attempt", "hook_count", "kept_form", "audit_row", "audit_shard"}
MOST = 150  # statements of a deed
Deed = Callable[..., Any]


def everything() -> dict[str, list[Any]]:
    """All rows, and what the audit log holds but for readings."""
    tables = sorted(set(database.get_tables()) - BESIDES)
    noted = audit.AuditRow.select(audit.AuditRow.action).where(audit.AuditRow.action != "PrescriptionOpened").tuples()
    rows = {name: database.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in tables}  # noqa: S608
    return {name: sorted(map(str, found)) for name, found in rows.items()} | {"audit": sorted(noted)}


@pytest.fixture
def deeds(usual_medicines, sign_in, now) -> dict[str, Deed]:
    """What people do in a day, each ready to be sent."""
    make_session()
    person = make_beneficiary()
    make_referral(person.entry)
    family, free, pharmacist = sign_in(person), make_staff("doctor"), sign_in(make_staff("pharmacist"))
    make_duty(free, make_session())
    called, treated = make_visit("called"), make_visit("in_call")
    make_visit("waiting")
    issued = make_prescription(now)
    sheet = f"/dispense?code={issued.code}"
    wish = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "Fever for two days", "consent": "yes"}
    consult = f"/visits/{treated.uid}/consult"
    doctor, patient, board = sign_in(treated.doctor), sign_in(called.beneficiary), sign_in(free)

    def sends(browser: Any, page: str, address: str, form: dict[str, str]) -> Deed:
        body = browser.hidden_fields(page) | form
        own = dict.fromkeys(re.findall(r'name="([^"]+)"', browser.get(page).text))
        return lambda **more: browser.post(address, data={key: more[key] for key in more.keys() - own.keys()} | body)

    return {
        "token": sends(family, "/tokens/new", "/tokens/new", wish),
        "next": sends(board, "/board", "/board/next", {}),
        "accept": sends(patient, f"/visits/{called.uid}", f"/visits/{called.uid}/call", {}),
        "issue": sends(doctor, consult, f"/visits/{treated.uid}/prescription", typed()),
        "dispense": sends(
            pharmacist, sheet, f"/dispense/{issued.number}", {"code": issued.code, "items-0-quantity": "1"}
        ),
    }


@pytest.mark.parametrize(("name", "step"), [("token", 1), ("next", 1), ("accept", 1), ("issue", 6), ("dispense", 2)])
def test_a_deed_whose_statement_fails_leaves_nothing_and_can_be_done_again(
    deeds: dict[str, Deed], monkeypatch: pytest.MonkeyPatch, name: str, step: int
) -> None:
    before, real = everything(), database.obj.execute_sql
    for nth in range(1, MOST, step):
        numbers = count(1)

        def fails(sql: str, *args: Any, nth: int = nth, numbers: Any = numbers, **options: Any) -> Any:
            if next(numbers) == nth:
                raise peewee.OperationalError(FAILURES[nth // step % 2])
            return real(sql, *args, **options)

        with monkeypatch.context() as broken:
            broken.setattr(database.obj, "execute_sql", fails)
            answer = deeds[name]()
        if answer.status_code == 303:
            break  # nothing of the deed failed, or only what came after it
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True), nth
        assert everything() == before, f"statement {nth} of {name} left something"
    assert answer.status_code == 303
    assert nth > 10
    assert everything() != before
    assert list(audit_chain.verify()) == []
    assert Visit.select().count() >= 3
