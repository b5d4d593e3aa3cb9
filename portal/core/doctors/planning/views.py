"""The administrator's pages of rosters: the week, a month's preview, forms, and what was changed."""

from collections.abc import Mapping

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import show_month, weekdays
from portal.core.clinic.models import Specialty
from portal.core.doctors.planning import changing, months, shown
from portal.core.doctors.planning import question_views as asking
from portal.core.doctors.planning.deeds import Deed
from portal.core.doctors.planning.forms import READERS, Place, place_of
from portal.store.listing import page_of
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, page_number, see_other

bp = Blueprint("rosters", __name__)
PAGE, DOCTORS = 30, 20
FORMS = ("week", "day", "swap", "hours", "date")


@bp.get("/admin/rosters")
@allow("admin")
def week() -> ResponseReturnValue:
    """Show the weekly patterns of a specialty's doctors, its hours by weekday, and what differs on days ahead."""
    specialty = _chosen()
    place, today = place_of(specialty, clinic_day(now())), clinic_day(now())
    called = shown.names(specialty)
    listed = page_of(shown.doctors(specialty), page_number(), DOCTORS)
    return page(
        "rosters/week.html",
        listed=listed,
        patterns=shown.patterns(place, listed.rows, today),
        short=weekdays("abbreviated"),
        signs=shown.SIGNS,
        hours=[shown.hours(place, number) for number in range(1, 8)],
        dated=shown.single_days(place, called),
        **shown.common(specialty),
    )


@bp.get("/admin/rosters/month")
@allow("admin")
def month() -> ResponseReturnValue:
    """Show a month of a specialty, day by day."""
    specialty = _chosen()
    first = months.month_of(request.args.get("month", ""), now())
    before, after = months.beside(first)
    return page(
        "rosters/month.html",
        title=show_month(first),
        days=shown.month(specialty, first),
        before=(before.strftime("%Y-%m"), show_month(before)),
        after=(after.strftime("%Y-%m"), show_month(after)),
        names=shown.names(specialty),
        today=clinic_day(now()),
        **shown.common(specialty),
    )


@bp.get("/admin/rosters/changes")
@allow("admin")
def changes() -> ResponseReturnValue:
    """List what was changed, newest first."""
    return _changes(200, "")


@bp.post("/admin/rosters/changes/<uid>/undo")
@allow("admin")
@once
def undo(uid: str) -> ResponseReturnValue:
    """Change a change back, after the same question."""
    if request.form.get("again"):
        return see_other(url_for("rosters.changes", specialty=request.form.get("specialty", "")))
    try:
        deed = changing.undoing(uid, now())
        return _answer(deed, url_for("rosters.changes", specialty=deed.specialty.code))
    except Conflict as error:
        return _changes(error.status, str(error))


@bp.route("/admin/rosters/<kind>", methods=["GET", "POST"])
@allow("admin")
@once
def form(kind: str) -> ResponseReturnValue:
    """Show a form of the roster; a posted one asks first, and acts when it is confirmed."""
    if kind not in FORMS:
        raise NotFound
    specialty, today = _chosen(), clinic_day(now())
    place = place_of(specialty, today)
    if request.method == "GET" or request.form.get("again"):
        return _form(kind, place, request.form or shown.filled(kind, place, request.args, today), {}, 200)
    version = request.form.get("version", "")
    is_old = bool(version) and version != place.version
    try:
        deed = Deed(kind, specialty, READERS[kind](request.form, place, today))
        onward = url_for("rosters.week", specialty=specialty.code)
        return _answer(deed, onward, is_old=is_old)
    except Invalid as error:
        return _form(kind, place, request.form, error.fields, error.status)
    except Conflict as error:
        return _form(kind, place, request.form, {"": str(error)}, error.status)


def _answer(deed: Deed, onward: str, *, is_old: bool = False) -> ResponseReturnValue:
    """Ask, or do what was confirmed. `is_old`: the form was opened before somebody else's change. Raises Conflict."""
    asked = changing.do_or_ask(deed, asking.seen_in(request.form), by=actor(), now=now())
    if asked is None:
        return see_other(onward)
    warning = asking.stale() if asked.is_stale else asking.outdated() if is_old else ""
    names, status = shown.names(deed.specialty), 409 if warning else 200
    return asking.question(deed, asked.effect, request.form, names, status=status, warning=warning)


def _form(
    kind: str, place: Place, values: Mapping[str, str], errors: Mapping[str, str], status: int
) -> ResponseReturnValue:
    called = shown.names(place.specialty)
    return page(
        "rosters/form.html",
        status=status,
        kind=kind,
        values=values,
        errors=errors,
        version=place.version,
        doctors=[(username, called[doctor]) for username, doctor in place.doctors.items()],
        today=clinic_day(now()).isoformat(),
        **shown.common(place.specialty),
    )


def _changes(status: int, message: str) -> ResponseReturnValue:
    specialty = _chosen()
    called = shown.names(specialty)
    listed = page_of(changing.changes_of(specialty), page_number(), PAGE)
    undone = {row.undoes_id for row in changing.undone_of(listed.rows)}
    lines = [(row, shown.kind(row), shown.change(row, called)) for row in listed.rows]
    return page(
        "rosters/changes.html",
        status=status,
        message=message,
        lines=lines,
        undone=undone,
        listed=listed,
        **shown.common(specialty),
    )


def _chosen() -> Specialty:
    """Return the specialty that the page is about: the first one where none is named. Raises NotFound."""
    code = request.form.get("specialty") or request.args.get("specialty", "")
    rows = Specialty.select().where(Specialty.active).order_by(Specialty.id)
    found: Specialty | None = (rows.where(Specialty.code == code) if code else rows).first()
    if found is None:
        raise NotFound
    return found
