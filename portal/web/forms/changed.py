"""The conflict page (409): stored and typed values side by side, a choice for each, and the form merged by it."""

from collections.abc import Mapping

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.base.language import gettext as _
from portal.store.versions import Changed
from portal.web.pages import page

STORED, TYPED, BOTH = "stored", "typed", "both"
UNDECIDED = "?"  # matches no version, so that the conflict page is shown again


def typed_form() -> Mapping[str, str]:
    """Return the posted form, merged by the choices if it comes from the conflict page."""
    return chosen(request.form) if "differs" in request.form else request.form


def chosen(form: MultiDict[str, str]) -> dict[str, str]:
    """Merge the fields by the choices made. An open choice invalidates the version, so the conflict is shown again."""
    apart = ("keep-", "stored-", "differs")
    fields = {name: value for name, value in form.items() if not name.startswith(apart)}
    for name in form.getlist("differs"):
        choice = form.get(f"keep-{name}")
        stored = {key.removeprefix("stored-"): value for key, value in form.items() if _is_of(key, f"stored-{name}")}
        if choice == STORED:
            fields = {key: value for key, value in fields.items() if not _is_of(key, name)} | stored
        elif choice == BOTH:
            fields[name] = f"{stored.get(name, '')}\n{fields.get(name, '')}"
        elif choice != TYPED:
            fields["version"] = UNDECIDED
    return fields


def changed_page(
    error: Changed, labels: Mapping[str, str], words: Mapping[str, Mapping[str, str]] | None = None, back: str = ""
) -> ResponseReturnValue:
    """Render the 409. `labels`: field labels; `words`: display texts of values; `back`: the form's page."""
    context = {"changed": error, "labels": labels, "words": words or {}, "back": back or request.path}
    return page("errors/changed.html", status=error.status, **context)


def hidden_fields(error: Changed) -> dict[str, str]:
    """Return the typed fields as hidden inputs, without secrets."""
    typed = typed_form() if error.form is None else error.form
    left_out = {
        "version",
        "csrf_token",
        "idempotency_key",
        *(each.name for each in error.differences if each.is_secret),
    }
    return {name: value for name, value in typed.items() if name not in left_out}


def yes_or_no(*names: str) -> dict[str, dict[str, str]]:
    """Return the display texts of checkboxes."""
    return {name: {"yes": _("Yes"), "": _("No"), "no": _("No")} for name in names}


def _is_of(name: str, field: str) -> bool:
    """Is this input the field, or a part of it ("items-0-drug" of "items-0")?"""
    return name == field or name.startswith(f"{field}-")
