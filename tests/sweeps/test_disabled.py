"""Who is disabled in the middle of a poll gets nothing more, at whatever address the page asks (S12)."""

import pytest

from portal.core.accounts.models import Account, Staff
from tests.factories import make_beneficiary, make_staff
from tests.test_access import TABLE

POLL = {"HX-Request": "true", "X-Background": "1"}
ROLES = ("beneficiary", "doctor", "medical_officer", "pharmacist", "desk", "admin")
OPEN = {"public", "anonymous", "anyone"}


@pytest.fixture
def person(role):
    return make_beneficiary() if role == "beneficiary" else make_staff(role)


def pages(role: str) -> list[str]:
    """Every address without an id that this role may get, and not everybody."""
    own = [route.split(" ", 1)[1] for route, roles in TABLE.items() if route.startswith("GET ") and role in roles]
    return [rule for rule in own if "<" not in rule and not OPEN & set(TABLE[f"GET {rule}"])]


@pytest.mark.parametrize("role", ROLES)
def test_a_poll_after_the_person_was_disabled_leads_to_the_sign_in(db, role, person, sign_in, clock):
    browser = sign_in(person)
    before = {rule: browser.get(rule, headers=POLL).status_code for rule in pages(role)}
    there = [rule for rule, status in before.items() if status != 404]  # a plugin that is off has no page for anybody
    assert 401 not in before.values()
    account = person.account if role == "beneficiary" else person
    table = Account if role == "beneficiary" else Staff
    table.update(disabled_at=clock.now()).where(table.id == account.id).execute()
    clock.tick(5)
    told = {rule: browser.get(rule, headers=POLL) for rule in there}
    assert {rule: answer.status_code for rule, answer in told.items() if answer.status_code != 401} == {}
    assert all("/login" in answer.headers["HX-Redirect"] for answer in told.values())
    assert len(told) >= 3
