"""The page of two texts: what is stored by now beside what was typed, a choice for each, the form as it was chosen."""

from collections.abc import Mapping

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.base.language import gettext as _
from portal.store.versions import Changed
from portal.web.pages import page

STORED, TYPED, BOTH = "stored", "typed", "both"
UNDECIDED = "?"  # no state has this version: the page comes again


def typed_form() -> Mapping[str, str]:
    """The posted form; sent from the page of two texts, with what was chosen there."""
    return chosen(request.form) if "differs" in request.form else request.form


def chosen(form: MultiDict[str, str]) -> dict[str, str]:
    """The fields as they were chosen. A choice that is still open leaves the form without a version that is stored."""
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
    """409 with both texts. `labels` names the fields, `words` says a value in words; `back`: the form's page."""
    context = {"changed": error, "labels": labels, "words": words or {}, "back": back or request.path}
    return page("errors/changed.html", status=error.status, **context)


def hidden_fields(error: Changed) -> dict[str, str]:
    """What was typed, to be sent again; no secret goes back to a page."""
    typed = typed_form() if error.form is None else error.form
    left_out = {
        "version",
        "csrf_token",
        "idempotency_key",
        *(each.name for each in error.differences if each.is_secret),
    }
    return {name: value for name, value in typed.items() if name not in left_out}


def yes_or_no(*names: str) -> dict[str, dict[str, str]]:
    """The words for boxes that are ticked or not."""
    return {name: {"yes": _("Yes"), "": _("No"), "no": _("No")} for name in names}


def _is_of(name: str, field: str) -> bool:
    """Is this control the field, or one of its parts ("items-0-drug" of "items-0")?"""
    return name == field or name.startswith(f"{field}-")
