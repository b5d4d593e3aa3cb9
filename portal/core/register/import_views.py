"""The administrator's pages of imports: upload, columns, preview, progress, report, undo."""

from collections.abc import Mapping

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound, TooBig, Unavailable
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.step_up import stepped_up
from portal.core.register import columns, imports, models, reports, words
from portal.core.register.views import bp
from portal.web.access import actor, allow
from portal.web.files import streamed_csv
from portal.web.forms.once import is_spent, once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import page, see_other


@bp.get("/admin/beneficiaries/import")
@allow("admin")
def uploads() -> ResponseReturnValue:
    """Show the form for a file, and the imports so far."""
    return _uploads()


@bp.post("/admin/beneficiaries/import")
@takes_files
@allow("admin")
def upload() -> ResponseReturnValue:
    """Take in a file; nothing of the register is changed. Idempotent."""
    if is_spent():
        return _uploaded(uid="")
    file = request.files.get("file")
    try:
        if file is None:
            raise Invalid({"file": _("Choose a file: CSV, or an Excel workbook (.xlsx).")})
        made = imports.upload_file(file.filename or "", file.stream, staff(), by=actor(), now=now())
    except (Invalid, TooBig, Unavailable) as error:
        fields = error.fields if isinstance(error, Invalid) else {"file": error.message}
        return _uploads(errors=fields, status=error.status)
    return _uploaded(uid=made.uid)


@bp.get("/admin/beneficiaries/import/<uid>")
@allow("admin")
def one_import(uid: str) -> ResponseReturnValue:
    """Show an import: its columns, what it would change, how far it is, or what it did."""
    return _shown(uid)


@bp.post("/admin/beneficiaries/import/<uid>/columns")
@allow("admin")
@once
def choose(uid: str) -> ResponseReturnValue:
    """Choose the columns; the worker reads the file and compares it with the register."""
    try:
        imports.choose_columns(uid, request.form)
    except (Invalid, Conflict) as error:
        fields = error.fields if isinstance(error, Invalid) else {"": error.message}
        return _shown(uid, errors=fields, status=error.status)
    return see_other(url_for("register.one_import", uid=uid))


@bp.post("/admin/beneficiaries/import/<uid>/confirm")
@allow("admin")
@stepped_up("register.one_import")
@once
def confirm(uid: str) -> ResponseReturnValue:
    """Have what the preview shows written."""
    is_marking = request.form.get("gone") == "yes"
    try:
        imports.confirm_import(uid, staff(), marks_gone=is_marking, by=actor(), now=now())
    except Conflict as error:
        return _shown(uid, errors={"": error.message}, status=error.status)
    return see_other(url_for("register.one_import", uid=uid))


@bp.post("/admin/beneficiaries/import/<uid>/undo")
@allow("admin")
@stepped_up("register.one_import")
@once
def undo(uid: str) -> ResponseReturnValue:
    """Have an import taken back."""
    try:
        imports.undo_import(uid, staff(), by=actor(), now=now())
    except Conflict as error:
        return _shown(uid, errors={"": error.message}, status=error.status)
    return see_other(url_for("register.one_import", uid=uid))


@bp.post("/admin/beneficiaries/import/<uid>/retry")
@allow("admin")
@once
def retry(uid: str) -> ResponseReturnValue:
    """Let the worker go on with an import that is stuck."""
    try:
        imports.retry_import(uid, by=actor(), now=now())
    except Conflict as error:
        return _shown(uid, errors={"": error.message}, status=error.status)
    return see_other(url_for("register.one_import", uid=uid))


@bp.post("/admin/beneficiaries/import/<uid>/drop")
@allow("admin")
@once
def drop(uid: str) -> ResponseReturnValue:
    """Throw away what was not confirmed."""
    try:
        imports.drop_import(uid, by=actor(), now=now())
    except Conflict as error:
        return _shown(uid, errors={"": error.message}, status=error.status)
    flash(_("The file was thrown away. The register is as it was."), "success")
    return see_other(url_for("register.uploads"))


@bp.get("/admin/beneficiaries/import/<uid>.csv")
@allow("admin")
def refused(uid: str) -> Response:
    """Download what was refused or left as it is, with reasons."""
    batch = imports.find_import(uid)
    return streamed_csv(reports.refused_file(batch), f"register-import-{batch.id}-refused.csv")


@once
def _uploaded(uid: str) -> ResponseReturnValue:
    return see_other(url_for("register.one_import", uid=uid) if uid else url_for("register.uploads"))


def _uploads(*, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    rows = reports.newest(request.args.get("before", 0, type=int))
    shown = rows[: reports.SHOWN_IMPORTS]
    return page(
        "register/imports.html",
        status=status,
        errors=errors,
        rows=shown,
        older=shown[-1].id if len(rows) > len(shown) else 0,
        states=words.state_words(),
        fields=words.field_words(),
        needed=[field for field in columns.FIELDS if field not in columns.OPTIONAL],
        optional=columns.OPTIONAL,
        most=imports.MOST_MEGABYTES,
    )


def _shown(uid: str, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    batch = imports.find_import(uid)
    kinds = [kind for kind in models.KINDS if batch.counts.get(kind) and (kind != models.SAME or not batch.finished_at)]
    kinds += [models.KEPT] if batch.kept else []
    kind = request.args.get("kind", kinds[0] if kinds else models.NEW)
    if kind not in words.kind_words():
        raise NotFound
    is_listed = batch.state in (models.READY, models.DONE, models.UNDONE) and kind != models.SAME
    return page(
        "register/import.html",
        "progress",
        status=status,
        errors=errors,
        form=request.form,
        batch=batch,
        kinds=kinds,
        kind=kind,
        rows=reports.page_of(batch, kind, request.args.get("after", 0, type=int)) if is_listed else None,
        states=words.state_words(),
        words=words.kind_words(),
        fields=words.field_words(),
        needed=[field for field in columns.FIELDS if field not in columns.OPTIONAL],
        has_nameless=batch.state == models.READY and imports.has_nameless(batch),
        may_undo=batch.state == models.DONE and imports.changes_kept(batch),
    )
