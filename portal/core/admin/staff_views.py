"""The people who work here: list, add, change, close."""

from collections.abc import Mapping

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core.accounts import staff as people
from portal.core.accounts.models import Staff
from portal.core.admin.blueprint import bp
from portal.core.admin.words import role_words
from portal.core.beneficiaries.centres import Centre
from portal.core.clock import now
from portal.core.errors import Invalid, NotFound
from portal.core.listing import page_of
from portal.core.visits.specialties import Specialty
from portal.web.access import actor, allow
from portal.web.filters import in_language
from portal.web.pages import page, page_number, see_other

PAGE = 30
ENTRY = ("name", "name_hi", "centre", "specialty", "qualification", "registration_number")


@bp.get("/admin/staff")
@allow("admin")
def staff() -> ResponseReturnValue:
    """Everybody, by name; search and role."""
    query, role = request.args.get("q", "").strip()[:60], request.args.get("role", "")
    found = Staff.select()
    if query:
        found = found.where(Staff.name.contains(query) | Staff.username.contains(query.lower()))
    if role:
        found = found.where(Staff.role == role)
    return page(
        "admin/staff.html", query=query, role=role,
        listed=page_of(found.order_by(Staff.name, Staff.id), page_number(), PAGE),
        roles=list(role_words().items()), role_words=role_words(),
    )  # fmt: skip


@bp.route("/admin/staff/new", methods=["GET", "POST"])
@allow("admin")
def staff_new() -> ResponseReturnValue:
    """Add somebody."""
    form, errors = request.form, {}
    if request.method == "POST":
        first = {key: form.get(key, "") for key in ("role", "password", *ENTRY)}
        try:
            people.add_staff(form.get("username", ""), by=actor(), now=now(), **first)
            return see_other(url_for("admin.staff"))
        except Invalid as error:
            errors = error.fields
    return _form_page(None, form, errors)


@bp.route("/admin/staff/<uid>", methods=["GET", "POST"])
@allow("admin")
def staff_edit(uid: str) -> ResponseReturnValue:
    """Change somebody's entry."""
    person, errors = _person(uid), {}
    if request.method == "POST":
        try:
            people.change_staff(person, by=actor(), now=now(), **{key: request.form.get(key, "") for key in ENTRY})
            return see_other(url_for("admin.staff"))
        except Invalid as error:
            errors = error.fields
    return _form_page(person, request.form, errors)


@bp.post("/admin/staff/<uid>/password")
@allow("admin")
def staff_password(uid: str) -> ResponseReturnValue:
    """A new password; the person is signed out everywhere."""
    person = _person(uid)
    try:
        people.set_password(person, request.form.get("password", ""), by=actor(), now=now())
    except Invalid as error:
        return _form_page(person, {}, error.fields)
    return see_other(url_for("admin.staff_edit", uid=uid))


@bp.post("/admin/staff/<uid>/second-factor")
@allow("admin")
def staff_second_factor(uid: str) -> ResponseReturnValue:
    """A new secret for the authenticator app, shown this once."""
    person = _person(uid)
    return _form_page(person, {}, {}, secret=people.set_second_factor(person, by=actor(), now=now()))


@bp.post("/admin/staff/<uid>/disable")
@allow("admin")
def staff_disable(uid: str) -> ResponseReturnValue:
    """Close the account."""
    people.disable_staff(_person(uid), by=actor(), now=now())
    return see_other(url_for("admin.staff_edit", uid=uid))


@bp.post("/admin/staff/<uid>/enable")
@allow("admin")
def staff_enable(uid: str) -> ResponseReturnValue:
    """Open it again."""
    people.enable_staff(_person(uid), by=actor(), now=now())
    return see_other(url_for("admin.staff_edit", uid=uid))


def _person(uid: str) -> Staff:
    person: Staff | None = Staff.get_or_none(Staff.uid == uid)
    if person is None:
        raise NotFound
    return person


def _form_page(
    person: Staff | None, form: Mapping[str, str], errors: Mapping[str, str], secret: str = ""
) -> ResponseReturnValue:
    now_is = {key: str(getattr(person, key, "") or "") for key in ("username", "role", *ENTRY)}
    if person is not None:
        now_is |= {key: getattr(getattr(person, key), "code", "") for key in ("centre", "specialty")}
    return page(
        "admin/staff_form.html", status=422 if errors else 200, person=person, errors=errors, secret=secret,
        values={key: form.get(key, value) for key, value in now_is.items()}, roles=list(role_words().items()),
        centres=[(row.code, f"{row.code} {in_language(row)}") for row in Centre.select().order_by(Centre.code)],
        specialties=[(row.code, in_language(row)) for row in Specialty.select().order_by(Specialty.id)],
    )  # fmt: skip
