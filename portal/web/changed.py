"""The page of two texts: what is stored by now beside what was typed, a choice for each, the form as it was chosen."""

from collections.abc import Mapping

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.core.versions import Changed
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
    error: Changed, labels: Mapping[str, str], words: Mapping[str, Mapping[str, str]] | None = None
) -> ResponseReturnValue:
    """409 with both texts. `labels` names the fields, `words` says a field's value in words."""
    return page("errors/changed.html", status=error.status, changed=error, labels=labels, words=words or {})


def _is_of(name: str, field: str) -> bool:
    """Is this control the field, or one of its parts ("items-0-drug" of "items-0")?"""
    return name == field or name.startswith(f"{field}-")
