"""Permissions: tests/access.toml declares every route, and every role is tried on each (S01, S02, S63)."""

import re
import tomllib
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from portal.core.accounts.models import SignIn
from portal.plugin_host.registry import registry
from portal.web.access import roles_of
from portal.work.audit import AuditRow
from tests.factories import make_beneficiary, make_staff
from tests.fakes import turn_on

ACCESS = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
TABLE, FIELDS = ACCESS["routes"], ACCESS["fields"]
ROLES = ["beneficiary", "medical_officer", "doctor", "pharmacist", "desk", "admin", "auditor", "rights_officer"]
QUIET = {"HEAD", "OPTIONS"}


def routes_of(app) -> dict[str, frozenset[str]]:
    return {
        f"{method} {rule.rule}": roles_of(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - QUIET)
    }


def filled(rule: str) -> str:
    """The rule's URL with ids that do not exist."""
    values = {"int": "999999999", "any": "centres", "": "AAAAAAAAAAAAAAAAAAAAAA"}
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: values.get(found[1] or "", values[""]), rule)


@pytest.fixture
def everything_on(db, now):
    for name in registry().installed:
        turn_on(name)


@pytest.fixture
def people(db, sign_in):
    """One signed-in browser per role."""
    make = {role: (lambda role=role: make_staff(role)) for role in ROLES[1:]}
    return lambda role: sign_in(make_beneficiary() if role == "beneficiary" else make[role]())


def test_the_table_declares_exactly_the_routes(app, db):
    assert sorted(routes_of(app)) == sorted(TABLE)


def test_the_permission_table_matches_the_views(app, db):
    assert {route: sorted(roles) for route, roles in routes_of(app).items()} == {r: sorted(v) for r, v in TABLE.items()}


def test_files_and_what_belongs_to_a_phone_are_closed_at_a_kiosk(app, db):
    closed = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - QUIET
        if not getattr(app.view_functions[rule.endpoint], "at_kiosk", True)
    ]
    assert sorted(closed) == ACCESS["closed_at_kiosk"]


def test_every_route_redirects_to_the_sign_in_without_one(client, everything_on):
    token = client.hidden_fields("/login")["csrf_token"]
    let_in = []
    for route, roles in TABLE.items():
        if not {"anyone", "machine"} & set(roles):
            method, rule = route.split(" ", 1)
            answer = client.open(filled(rule), method=method, data={"csrf_token": token} if method == "POST" else None)
            if answer.status_code != 303 or not answer.headers["Location"].startswith("/login?next="):
                let_in.append((route, answer.status_code))
    assert let_in == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_permissions_of_the_table(people, everything_on, role):
    wrong, refused, browser = [], 0, people(role)
    for route, roles in sorted(TABLE.items()):  # GET first, as a POST may sign the browser out
        method, rule = route.split(" ", 1)
        browser = people(role) if method == "POST" else browser
        data = {"csrf_token": browser.hidden_fields("/help")["csrf_token"]} if method == "POST" else None
        status = browser.open(filled(rule), method=method, data=data, buffered=True).status_code
        is_allowed = {role, "anyone", "machine"} & set(roles)
        if status == 500 or (not is_allowed and status != 403):
            wrong.append((route, status))
        refused += not is_allowed
    assert wrong == []
    noted = [row.actor_uid for row in AuditRow.select().where(AuditRow.action == "Refused")]
    assert (len(noted), "" in noted) == (refused, False), "each refusal is noted once, with who it was (S63)"


@pytest.mark.parametrize("role", ROLES)
def test_a_404_looks_the_same_to_every_permitted_role(people, everything_on, role):
    browser = people(role)
    asked = [route.split(" ", 1)[1] for route, roles in TABLE.items() if role in roles and route.startswith("GET ")]
    asked = [rule for rule in asked if "<uid>" in rule]
    with capture_logs() as lines:
        for rule in asked:
            assert browser.get(filled(rule), buffered=True).status_code == 404, rule
    told = [(line["route"], line["who"]) for line in lines if line.get("status") == 404]
    (who,) = {(row.account or row.staff).uid for row in SignIn}
    assert told == [(rule, who) for rule in asked], "each refusal is in the log once, with who it was (S63)"
