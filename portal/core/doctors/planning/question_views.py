"""The page that shows what a change of a roster does to tokens already given, before it is done."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from portal.base.language import gettext as _
from portal.core.doctors.planning import words
from portal.core.doctors.planning.deeds import Deed, Effect
from portal.web.pages import page

OF_THE_QUESTION = {"csrf_token", "idempotency_key", "confirm", "seen", "again", "version"}


def seen_in(form: Mapping[str, str]) -> str | None:
    """Return the version of the question that was confirmed, None before it is."""
    return form.get("seen", "") if form.get("confirm") == "yes" else None


def question(
    deed: Deed,
    effect: Effect,
    form: Mapping[str, str],
    names: Mapping[int, str],
    *,
    status: int = 200,
    warning: str = "",
) -> ResponseReturnValue:
    """Show what the change does, with a form that confirms it; `names` of doctors by id; `warning` stands above."""
    return page(
        "rosters/confirm.html",
        status=status,
        kind=words.kinds()[deed.kind],
        is_undo=deed.undoes is not None,
        specialty=deed.specialty,
        **shown_effect(deed, effect, names),
        warning=warning,
        action=request.path,
        fields={name: value for name, value in form.items() if name not in OF_THE_QUESTION},
    )


def shown_effect(deed: Deed, effect: Effect, names: Mapping[int, str]) -> dict[str, Any]:
    """Return what `rosters/_effect.html` shows of a change before it is done."""
    changes = words.before_and_after(effect.before, deed.facts, names)
    return {"changes": changes, "effect": effect, "effects": words.effects(), "lost": words.lost}


def stale() -> str:
    """Return the warning that what was confirmed is no longer so."""
    return _("This has changed in the meantime. Below is what the change does now.")


def outdated() -> str:
    """Return the warning over a form that was opened before somebody else changed the roster."""
    return _("Somebody has changed this roster since you opened the form. Compare before and after.")
