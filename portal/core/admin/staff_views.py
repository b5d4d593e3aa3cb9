"""Pages of staff: list, add, change, disable."""

from collections.abc import Mapping

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.base.roles import words_of_staff
from portal.core.accounts import second_factor, sign_ins
from portal.core.accounts import staff as people
from portal.core.accounts.here import staff as me
from portal.core.accounts.models import Staff
from portal.core.accounts.resets import letters
from portal.core.accounts.resets import services as resets
from portal.core.accounts.resets.models import StaffReset
from portal.core.accounts.step_up import stepped_up
from portal.core.admin import bp
from portal.core.clinic.models import Centre, Specialty
from portal.store.listing import page_of
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form
from portal.web.pages import page, page_number, see_other

PAGE = 20


@bp.get("/admin/staff")
@allow("admin")
def staff() -> ResponseReturnValue:
    """List staff by name, with search and role filter."""
    query, role = request.args.get("q", "").strip()[:60], request.args.get("role", "")
    found = Staff.select()
    if query:
        names = Staff.name.contains(query) | Staff.name_hi.contains(query)
        found = found.where(names | Staff.username.contains(query.lower()))
    if role:
        found = found.where(Staff.role == role)
    return page(
        "admin/staff.html",
        query=query,
        role=role,
        listed=page_of(found.order_by(Staff.name, Staff.id), page_number(), PAGE),
        roles=list(words_of_staff().items()),
        role_words=words_of_staff(),
    )


@bp.route("/admin/staff/new", methods=["GET", "POST"])
@allow("admin")
@stepped_up("admin.staff_new")
def staff_new() -> ResponseReturnValue:
    """Add a member of staff."""
    form, errors = request.form, {}
    if request.method == "POST":
        first = {key: form.get(key, "") for key in ("role", *people.ENTRY)}
        try:
            return _give_code(people.add_staff(form.get("username", ""), by=actor(), now=now(), **first))
        except Invalid as error:
            errors = error.fields
    return _form_page(None, form, errors)


@bp.route("/admin/staff/<uid>", methods=["GET", "POST"])
@allow("admin")
@stepped_up("admin.staff_edit")
def staff_edit(uid: str) -> ResponseReturnValue:
    """Change a member of staff."""
    person, errors, form = _person(uid), {}, typed_form()
    if request.method == "POST":
        entry = {key: form.get(key, "") for key in people.ENTRY}
        try:
            people.change_staff(person, seen=form.get("version", ""), by=actor(), now=now(), **entry)
            return see_other(url_for("admin.staff"))
        except Changed as error:
            return changed_page(error, _labels())
        except Invalid as error:
            errors = error.fields
    return _form_page(person, form, errors)


@bp.post("/admin/staff/<uid>/code")
@allow("admin")
@stepped_up("admin.staff_edit")
def staff_code(uid: str) -> ResponseReturnValue:
    """Give a one-time code for choosing a password, or mail it; the one before is void."""
    return _give_code(_person(uid))


@bp.post("/admin/staff/<uid>/sign-out")
@allow("admin")
@stepped_up("admin.staff_edit")
def staff_sign_out(uid: str) -> ResponseReturnValue:
    """End every sign-in of a member of staff."""
    people.sign_out(_person(uid), by=actor(), now=now())
    flash(_("Signed out everywhere."), "success")
    return see_other(url_for("admin.staff_edit", uid=uid))


@bp.post("/admin/staff/<uid>/second-factor")
@allow("admin")
@stepped_up("admin.staff_edit")
def staff_second_factor(uid: str) -> ResponseReturnValue:
    """Reset the second factor of a lost telephone."""
    person = _person(uid)
    if _may_reset(person, "factor"):
        second_factor.reset(person, by=actor(), now=now())
        flash(_("The second factor is taken away; the next sign-in sets up a new one."), "success")
    return see_other(url_for("admin.staff_edit", uid=uid))


@bp.post("/admin/staff/<uid>/disable")
@allow("admin")
@stepped_up("admin.staff_edit")
def staff_disable(uid: str) -> ResponseReturnValue:
    """Disable a member of staff."""
    people.disable_staff(_person(uid), by=actor(), now=now())
    return see_other(url_for("admin.staff_edit", uid=uid))


@bp.post("/admin/staff/<uid>/enable")
@allow("admin")
@stepped_up("admin.staff_edit")
def staff_enable(uid: str) -> ResponseReturnValue:
    """Enable a disabled member of staff."""
    people.enable_staff(_person(uid), by=actor(), now=now())
    return see_other(url_for("admin.staff_edit", uid=uid))


@bp.get("/admin/resets/<uid>")
@allow("admin")
def reset(uid: str) -> ResponseReturnValue:
    """Show what a colleague asked for, to be confirmed."""
    found: StaffReset | None = StaffReset.get_or_none(StaffReset.uid == uid)
    if found is None:
        raise NotFound
    return _reset_page(found)


@bp.post("/admin/resets/<uid>/confirm")
@allow("admin")
@stepped_up("admin.reset")
def confirm_reset(uid: str) -> ResponseReturnValue:
    """Confirm it: the colleague may do it for half an hour."""
    try:
        resets.confirm_reset(uid, me(), by=actor(), now=now())
    except Conflict as error:
        return _reset_page(StaffReset.get(StaffReset.uid == uid), error)
    flash(_("Confirmed. Your colleague may do it for 30 minutes."), "success")
    return see_other(url_for("admin.reset", uid=uid))


def _may_reset(person: Staff, kind: str) -> bool:
    """May it be done now? Otherwise say that a second administrator is asked."""
    if resets.may_reset(person, kind, me(), by=actor(), now=now()):
        return True
    flash(_("A second administrator has to confirm this first, within four hours."), "warn")
    return False


def _give_code(person: Staff) -> ResponseReturnValue:
    """Show a new code, this once, to be handed over; or mail it, and show it only if that fails."""
    if not _may_reset(person, "code"):
        return see_other(url_for("admin.staff_edit", uid=person.uid))
    code, until = people.give_code(person, by=actor(), now=now()), now() + people.CODE_LASTS
    groups = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    address = url_for("accounts.staff_login", _external=True)
    is_mailed, failure = "mail" in request.form, ""
    if is_mailed:
        failure = letters.mail_code(person, groups, until, address, by=actor(), now=now())
    return page(
        "admin/staff_code.html",
        person=person,
        code="" if is_mailed and not failure else groups,
        failure=failure,
        until=until,
        address=address,
    )


def _person(uid: str) -> Staff:
    person: Staff | None = Staff.get_or_none(Staff.uid == uid)
    if person is None:
        raise NotFound
    return person


def _labels() -> dict[str, str]:
    return {
        "name": _("Name (English)"),
        "name_hi": _("Name (Hindi)"),
        "centre": _("Wellness Centre"),
        "specialty": _("Specialty"),
        "qualification": _("Qualification"),
        "qualification_hi": _("Qualification (Hindi)"),
        "registration_number": _("Registration number"),
        "email": _("E-mail"),
    }


def _form_page(person: Staff | None, form: Mapping[str, str], errors: Mapping[str, str]) -> ResponseReturnValue:
    now_is = {key: str(getattr(person, key, "") or "") for key in ("username", "role", *people.ENTRY)}
    if person is not None:
        now_is |= {key: getattr(getattr(person, key), "code", "") for key in ("centre", "specialty")}
    return page(
        "admin/staff_form.html",
        version=form.get("version") or (version_of(people.entry_of(person)) if person else ""),
        status=422 if errors else 200,
        person=person,
        errors=errors,
        can_mail=letters.can_mail(person) if person else letters.is_on(),
        wishes=[wish for wish in resets.standing(now()) if person and wish.staff_id == person.id],
        what=letters.words_of(),
        me_id=me().id,
        signed_in=sign_ins.of_staff(person, now()) if person else [],
        last_seen=people.last_seen(person) if person else None,
        values={key: form.get(key, value) for key, value in now_is.items()},
        roles=list(words_of_staff().items()),
        centres=[(row.code, f"{row.code} {in_language(row)}") for row in Centre.select().order_by(Centre.code)],
        specialties=[(row.code, in_language(row)) for row in Specialty.select().order_by(Specialty.id)],
    )


def _reset_page(found: StaffReset, error: Conflict | None = None) -> Response:
    return page(
        "admin/reset.html",
        status=error.status if error else 200,
        errors={"": error.message} if error else {},
        reset=found,
        what=letters.words_of().get(found.kind, found.kind),
        waits=found in resets.standing(now()) and found.ends_at is None,
        is_mine=me().id in (found.asked_by_id, found.staff_id),
    )
