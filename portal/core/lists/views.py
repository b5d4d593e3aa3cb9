"""The administrator's pages of lists: what is in force, upload, preview, versions, going back."""

from collections.abc import Iterable, Iterator, Mapping

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound, TooBig, Unavailable
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.step_up import stepped_up
from portal.core.lists import differences, drafts
from portal.core.lists import kinds as words
from portal.core.lists.kinds import KINDS, Kind, kind_of
from portal.core.lists.models import ListDraft
from portal.store.csv_file import csv_line
from portal.web.access import actor, allow
from portal.web.files import streamed_csv
from portal.web.forms.once import is_spent, once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import page, page_number, see_other

bp = Blueprint("lists", __name__)
PAGE, LONGEST = 50, 60


@bp.get("/admin/formulary")
@allow("admin")
def index() -> ResponseReturnValue:
    """Show every list with its version in force."""
    shown = [(key, kind, kind.versions()[0]) for key, kind in KINDS.items() if kind.is_whole]
    return page("lists/index.html", shown=shown, titles=words.titles(), abouts=words.abouts())


@bp.get("/admin/formulary/<kind>")
@allow("admin")
def one(kind: str) -> ResponseReturnValue:
    """Show a list: upload, lines in force with search, versions."""
    return _shown(kind_of(kind))


@bp.post("/admin/formulary/<kind>")
@takes_files
@allow("admin")
def upload(kind: str) -> ResponseReturnValue:
    """Take in a file; nothing of the list is changed. Idempotent."""
    chosen = kind_of(kind)
    if is_spent():
        return _uploaded(kind=kind, uid="")
    file = request.files.get("file")
    try:
        if file is None:
            raise Invalid({"file": _("Choose a file: CSV, or an Excel workbook (.xlsx).")})
        made = drafts.upload_file(chosen, file.filename or "", file.stream, staff(), by=actor(), now=now())
    except (Invalid, TooBig, Unavailable) as error:
        fields = error.fields if isinstance(error, Invalid) else {"file": error.message}
        return _shown(chosen, errors=fields, status=error.status)
    return _uploaded(kind=kind, uid=made.uid)


@bp.get("/admin/formulary/<kind>.csv")
@allow("admin")
def export(kind: str) -> Response:
    """Download the lines in force, as a file that can be imported again."""
    chosen = kind_of(kind)
    return streamed_csv(_table(chosen, chosen.in_force()), f"{kind}.csv")


@bp.get("/admin/formulary/<kind>/<int:number>")
@allow("admin")
def version(kind: str, number: int) -> ResponseReturnValue:
    """Show what a version changed in the one before."""
    chosen = kind_of(kind)
    made = chosen.versions()
    place = next((place for place, each in enumerate(made) if each.number == number), None)
    if place is None:
        raise NotFound
    before = chosen.rows_of(made[place + 1].number) if place + 1 < len(made) else []
    found = differences.between(before, chosen.rows_of(number), chosen.keys)
    return page(
        "lists/version.html",
        kind=chosen,
        version=made[place],
        is_in_force=place == 0,
        title=words.titles()[kind],
        shown=_paged(found, []),
    )


@bp.get("/admin/formulary/<kind>/<int:number>.csv")
@allow("admin")
def export_version(kind: str, number: int) -> Response:
    """Download a version, as a file that can be imported again."""
    chosen = kind_of(kind)
    return streamed_csv(_table(chosen, chosen.rows_of(number)), f"{kind}-{number}.csv")


@bp.post("/admin/formulary/<kind>/<int:number>/back")
@allow("admin")
@once
def back(kind: str, number: int) -> ResponseReturnValue:
    """Show what going back to a version would change; nothing is changed yet."""
    made = drafts.go_back(kind_of(kind), number, staff(), by=actor(), now=now())
    return see_other(url_for("lists.draft", uid=made.uid))


@bp.get("/admin/formulary/drafts/<uid>")
@allow("admin")
def draft(uid: str) -> ResponseReturnValue:
    """Show what a file would change."""
    return _draft(uid)


@bp.post("/admin/formulary/drafts/<uid>/confirm")
@allow("admin")
@stepped_up("lists.draft")
@once
def confirm(uid: str) -> ResponseReturnValue:
    """Write what the preview shows as a new version."""
    try:
        kind = drafts.confirm_draft(uid, request.form.get("signed", ""), staff(), by=actor(), now=now())
    except (Invalid, Conflict) as error:
        fields = error.fields if isinstance(error, Invalid) else {"": error.message}
        return _draft(uid, errors=fields, status=error.status)
    flash(_("The list is in force as version %(number)s.", number=kind.number()), "success")
    return see_other(url_for("lists.one", kind=kind.key))


@bp.post("/admin/formulary/drafts/<uid>/drop")
@allow("admin")
@once
def drop(uid: str) -> ResponseReturnValue:
    """Throw away what was not confirmed."""
    kind = drafts.drop_draft(uid, by=actor(), now=now())
    flash(_("The file was thrown away. The list is as it was."), "success")
    return see_other(url_for("lists.one", kind=kind.key))


@once
def _uploaded(kind: str, uid: str) -> ResponseReturnValue:
    return see_other(url_for("lists.draft", uid=uid) if uid else url_for("lists.one", kind=kind))


def _shown(kind: Kind, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    text = request.args.get("q", "").strip()[:LONGEST]
    rows = kind.in_force() if kind.is_whole else []
    if text:
        wanted = text.casefold().split()
        rows = [row for row in rows if all(word in " ".join(row.values()).casefold() for word in wanted)]
    number = _number()
    return page(
        "lists/list.html",
        status=status,
        errors=errors,
        kind=kind,
        text=text,
        longest=LONGEST,
        most=drafts.MOST_MEGABYTES,
        found=len(rows),
        rows=rows[(number - 1) * PAGE : number * PAGE],
        number=number,
        more=len(rows) > number * PAGE,
        versions=kind.versions(),
        parts=[key for key, each in KINDS.items() if not each.is_whole] if kind.key == "formulary" else [],
        titles=words.titles(),
        about=words.abouts()[kind.key],
        columns=words.column_words(),
    )


def _draft(uid: str, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    shown: ListDraft = drafts.find_draft(uid)
    kind, reading = kind_of(shown.kind), drafts.reading_of(shown)
    found = kind.differences(reading)
    return page(
        "lists/draft.html",
        status=status,
        errors=errors,
        form=request.form,
        draft=shown,
        kind=kind,
        title=words.titles()[kind.key],
        is_blocked=kind.is_strict and bool(reading.refused),
        needs_sign_off=kind.needs_sign_off(found),
        classes=sum(each.touches("tele_class") for each in found) if "tele_class" in kind.columns() else 0,
        open_lines=sum(bool(each.sign_off) for each in found),
        shown=_paged(found, reading.refused),
    )


def _paged(found: list[differences.Difference], refused: list[tuple[int, str]]) -> dict[str, object]:
    """Count the kinds of differences, and take a page of the one that is asked for."""
    rows = {kind: [each for each in found if each.kind == kind] for kind in words.kind_words()}
    counts = {kind: len(each) for kind, each in rows.items()} | {differences.REFUSED: len(refused)}
    first = next((kind for kind in reversed(counts) if counts[kind]), differences.ADDED)
    asked, number = request.args.get("show", first), _number()
    if asked not in counts:
        raise NotFound
    listed = refused if asked == differences.REFUSED else rows[asked]
    return {
        "counts": counts,
        "asked": asked,
        "rows": listed[(number - 1) * PAGE : number * PAGE],
        "number": number,
        "more": len(listed) > number * PAGE,
        "words": words.kind_words(),
        "columns": words.column_words(),
    }


def _number() -> int:
    return min(max(page_number(), 1), drafts.MOST_LINES)


def _table(kind: Kind, rows: Iterable[differences.Row]) -> Iterator[str]:
    yield csv_line(kind.columns())
    for row in rows:
        yield csv_line(row[column] for column in kind.columns())
