"""The catalogue of roles: one entry is all a new role needs."""

import ast
import inspect

import pytest

from portal.base import roles
from portal.base.errors import Invalid
from portal.base.language import speaking
from portal.base.roles import ROLES, Role, staff_roles
from portal.core.accounts import staff
from portal.core.accounts.models import Staff
from portal.web.access import allow
from portal.work.audit import SYSTEM
from tests.factories import make_staff

ENTRY = {"name": "Asha Verma", "password": "a-long-enough-password"}


@pytest.fixture
def nurse(monkeypatch) -> Role:
    """A new role, added in one place."""
    role = Role("nurse", lambda: "Nurse", "/doctors", lambda: [("Wards", "/help")], of_a_centre=True)
    monkeypatch.setitem(ROLES, role.key, role)
    return role


def test_a_new_role_can_be_assigned_has_a_name_a_home_and_navigation(app, db, now, nurse, client, sign_in):
    administrator, code = sign_in(make_staff("admin")), made_centre()
    form = administrator.get("/admin/staff/new").text
    assert '<option value="nurse">Nurse</option>' in form
    with pytest.raises(Invalid) as refusal:
        staff.add_staff("asha", role="nurse", by=SYSTEM, now=now, **ENTRY)
    assert list(refusal.value.fields) == ["centre"]
    person = staff.add_staff("asha", role="nurse", by=SYSTEM, now=now, centre=code, **ENTRY)
    assert (person.role, person.centre.code) == ("nurse", code)
    answer = client.submit("/staff/login", {"username": "asha", "password": ENTRY["password"]})
    assert (answer.status_code, answer.headers["Location"]) == (303, nurse.home)
    assert '<a href="/help"' in client.get("/doctors").text
    assert "Wards" in client.get("/doctors").text
    assert "Nurse" in administrator.get("/admin/staff").text
    assert allow("nurse")(lambda: "").roles == {"nurse"}


def made_centre() -> str:
    """The code of a wellness centre."""
    centre = (Staff.select().where(Staff.centre.is_null(False)).first() or make_staff("desk")).centre
    return str(centre.code)


def test_an_unknown_role_can_be_neither_permitted_nor_assigned(db, now):
    with pytest.raises(ValueError, match="unknown roles"):
        allow("nurse")
    with pytest.raises(Invalid) as refusal:
        staff.add_staff("asha", role="beneficiary", by=SYSTEM, now=now, **ENTRY)
    assert "role" in refusal.value.fields


def test_no_two_roles_have_one_key():
    """The later one would silently take the place of the first."""
    entries = [node for node in ast.walk(ast.parse(inspect.getsource(roles))) if isinstance(node, ast.Call)]
    assert [ast.unparse(node.func) for node in entries].count("Role") == len(ROLES)


@pytest.mark.parametrize("key", ROLES)
def test_every_role_has_a_hindi_name_a_home_and_a_key_that_fits_its_column(app, key):
    role = ROLES[key]
    with speaking("en"):
        english = [role.word(), *(label for label, _address in role.links())]
    with speaking("hi"):
        hindi = [role.word(), *(label for label, _address in role.links())]
    assert not set(english) & set(hindi)
    assert role.links()[0][1] == role.home
    assert len(key) <= Staff.role.max_length
    assert role.is_staff == (key in staff_roles())
