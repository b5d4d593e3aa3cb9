"""Diff of two versions of the notes: the stored ones, and those of a stale window."""

from dataclasses import asdict, replace

from portal.base.language import gettext as _
from portal.core.prescribing import notes as forms
from portal.core.prescribing.notes import Item, Notes
from portal.store.versions import Changed, Difference

JOINED = {"complaints", "history", "findings", "investigations", "advice"}
TICKS = {"identity", "age", "consent"}


def changed(version: str, stored: Notes, typed: Notes) -> Changed:
    """Build the conflict for a stale window: every field that differs, each medicine as one."""
    typed = beside(stored, typed)
    ours, theirs = forms.as_form(typed), forms.as_form(stored)
    ours["mode_shown"] = theirs["mode_shown"] = stored.mode or ""
    names = [name for name in {**theirs, **ours} if not name.startswith("items-")]
    single = [_difference(name, theirs.get(name, ""), ours.get(name, "")) for name in names]
    places = sorted({item.place for item in (*stored.items, *typed.items)})
    rows = [_row(place, stored, typed) for place in places]
    return Changed(version, tuple(each for each in (*single, *rows) if each is not None), ours)


def loses(stored: Notes, typed: Notes) -> bool:
    """Tell whether something stored would be lost or changed if the typed notes replaced it."""
    ours, theirs = forms.as_form(beside(stored, typed)), forms.as_form(stored)
    return any(text and ours.get(name, "") != text for name, text in theirs.items() if name not in {"mode", "kind"})


def beside(stored: Notes, typed: Notes) -> Notes:
    """Align the typed medicines with the places of the stored ones; new ones follow."""
    typed, taken = forms.renumbered(typed), dict[int, int]()
    free = {item.place: item.drug.casefold() for item in stored.items}
    following = max((*free, *(item.place for item in typed.items), -1)) + 1
    for item in typed.items:
        same = next((place for place, drug in free.items() if drug == item.drug.casefold()), None)
        if same is None:
            same, following = following, following + 1
        free.pop(same, None)
        taken[item.place] = same
    items = tuple(sorted((replace(item, place=taken[item.place]) for item in typed.items), key=lambda row: row.place))
    unread = {forms.moved(name, taken): text for name, text in typed.unread.items()}
    return replace(typed, items=items, unread=unread)


def in_words(item: Item | None, notes: Notes) -> str:
    """Format a medicine in one line, with what could not be parsed."""
    if item is None:
        return ""
    prefix = f"items-{item.place}-"
    parts = {name: str(value or "") for name, value in asdict(item).items()}
    parts |= {name.removeprefix(prefix): text for name, text in notes.unread.items() if name.startswith(prefix)}
    days, quantity = parts["duration_days"], parts["quantity"]
    said = [parts[name] for name in ("drug", "form", "strength", "dose", "frequency")]
    said += [
        _("for %(days)s days", days=days) if days else "",
        _("quantity %(count)s", count=quantity) if quantity else "",
    ]
    said += [parts["instructions"], _("As directed") if item.directed else "", parts["reason"], parts["purpose"]]
    said += [_("taken since %(since)s", since=parts["taken_since"])] if parts["taken_since"] else []
    return " · ".join(part for part in said if part)


def _difference(name: str, stored: str, typed: str) -> Difference | None:
    if stored == typed:
        return None
    may_join = bool(stored and typed) and name in JOINED
    return Difference(name, stored, typed, {name: stored}, may_join=may_join, must_choose=name in TICKS)


def _row(place: int, stored: Notes, typed: Notes) -> Difference | None:
    theirs, ours = _at(place, stored), _at(place, typed)
    before, after = in_words(theirs, stored), in_words(ours, typed)
    if before == after:
        return None
    prefix = f"items-{place}-"
    fields = {name: text for name, text in forms.as_form(stored).items() if name.startswith(prefix)}
    return Difference(f"items-{place}", before, after, fields, must_choose=True)


def _at(place: int, notes: Notes) -> Item | None:
    return next((item for item in notes.items if item.place == place), None)
