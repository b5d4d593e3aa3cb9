"""Every form refuses what did not come from its own page: no token, another's token, another site (S30, S31)."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.plugin_host.registry import registry
from tests.factories import make_beneficiary, make_staff
from tests.fakes import turn_on
from tests.statements import statements as statements
from tests.test_access import TABLE, filled
from tests.web.test_reading import WRITES

POSTS = {route.split(" ", 1)[1]: roles for route, roles in TABLE.items() if route.startswith("POST ")}
FORGED = {
    "no token": ({}, {}),
    "the token of another browser": ({"csrf_token": "another"}, {}),
    "another origin": ({"csrf_token": "own"}, {"Origin": "https://evil.example"}),
    "another site": ({"csrf_token": "own"}, {"Sec-Fetch-Site": "cross-site"}),
}
COUNTED = {"audit_row", "audit_shard", "hook_count"}


@pytest.fixture
def browsers(client, sign_in, now) -> Callable[[str], Any]:
    """A signed-in browser of each role."""
    for name in registry().installed:
        turn_on(name)
    kept = {"anyone": client}

    def browser(role: str) -> Any:
        if role not in kept:
            kept[role] = sign_in(make_beneficiary() if role == "beneficiary" else make_staff(role))
        return kept[role]

    return browser


@pytest.mark.parametrize("how", FORGED)
def test_a_form_from_elsewhere_is_refused_and_changes_nothing(browsers, sign_in, statements, how: str) -> None:
    data, headers = FORGED[how]
    another = sign_in(make_beneficiary()).hidden_fields("/help")["csrf_token"]
    tokens: dict[str, str] = {}
    taken = []
    for rule, roles in POSTS.items():
        role = min(set(roles) - {"machine"}, default="")
        if not role:
            continue
        browser = browsers(role)
        own = tokens.setdefault(role, browser.hidden_fields("/help").get("csrf_token", ""))
        form = {name: {"own": own, "another": another}.get(value, value) for name, value in data.items()}
        statements.clear()
        answer = browser.post(filled(rule), data=form, headers=headers, buffered=True)
        written = {found[2] for sql in statements if (found := WRITES.match(sql))} - COUNTED
        if answer.status_code != 400 or written:
            taken.append((rule, answer.status_code, written))
    assert taken == []
