"""A doctor's templates of medicines and phrases: kept, and inserted into a draft, which is judged as always."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.typed import clean
from portal.core.accounts.models import Staff
from portal.core.prescribing.notes import MAX_ROWS, ROW_LIMITS, TEXT_LIMITS, Item, Notes, stored
from portal.core.shortcuts import wording
from portal.core.shortcuts.models import ADVICE, INSTRUCTIONS, PHRASES, ROWS, Shortcut
from portal.store.db import one_at_a_time, write

MOST = 50  # of one kind: a list that is read at a glance
LONGEST_NAME = 60
LONGEST = {ADVICE: 500, INSTRUCTIONS: ROW_LIMITS["instructions"]}
OF_ONE_PATIENT = ("reason", "taken_since", "directed")


def of(doctor: Staff, *kinds: str) -> list[Shortcut]:
    """List a doctor's shortcuts of these kinds, by name and text."""
    mine = (Shortcut.doctor == doctor) & Shortcut.kind.in_(kinds)
    return list(Shortcut.select().where(mine).order_by(Shortcut.kind, Shortcut.name, Shortcut.text, Shortcut.id))


def get(doctor: Staff, uid: str, *kinds: str) -> Shortcut:
    """Return a doctor's own shortcut. Raises NotFound for anybody else's."""
    mine = (Shortcut.uid == uid) & (Shortcut.doctor == doctor) & Shortcut.kind.in_(kinds)
    found: Shortcut | None = Shortcut.get_or_none(mine)
    if found is None:
        raise NotFound
    return found


def keep_rows(doctor: Staff, name: str, notes: Notes, *, now: datetime) -> None:
    """Keep the medicines of the notes under a name; one of the same name is replaced. Raises Invalid."""
    known = pairs(doctor)
    called = clean(name)
    rows = [wording.in_both(_without_patient(item), known) for item in notes.items if item.drug]
    if problem := _wrong_name(called, rows):
        raise Invalid({"template-name": problem})
    with write():
        one_at_a_time(f"shortcuts {doctor.uid}")
        same = (Shortcut.doctor == doctor) & (Shortcut.kind == ROWS) & (Shortcut.name == called)
        if not Shortcut.update(rows=rows, at=now).where(same).execute():
            _require_room(doctor, ROWS, "template-name")
            Shortcut.create(doctor=doctor, kind=ROWS, name=called, rows=rows, at=now)


def keep_phrase(doctor: Staff, form: Mapping[str, str], *, now: datetime) -> None:
    """Keep a phrase in English and Hindi. Raises Invalid with every wrong field."""
    kind, text, text_hi = form.get("kind", ""), clean(form.get("text", "")), clean(form.get("text_hi", ""))
    problems = {} if kind in PHRASES else {"kind": _("Choose one of the list.")}
    if not text:
        problems["text"] = _("This is required.")
    limit = LONGEST.get(kind, LONGEST[ADVICE])
    for field, typed in (("text", text), ("text_hi", text_hi)):
        if len(typed) > limit:
            problems[field] = _("At most %(limit)s characters.", limit=limit)
    if problems:
        raise Invalid(problems)
    with write():
        one_at_a_time(f"shortcuts {doctor.uid}")
        same = (Shortcut.doctor == doctor) & (Shortcut.kind == kind) & (Shortcut.text == text)
        if not Shortcut.update(text_hi=text_hi, at=now).where(same).execute():
            _require_room(doctor, kind, "text")
            Shortcut.create(doctor=doctor, kind=kind, text=text, text_hi=text_hi, at=now)


def keep_wording(doctor: Staff, uid: str, form: Mapping[str, str], *, now: datetime) -> None:
    """Keep what the patient reads of a template's rows, in English and in Hindi. Raises NotFound, Invalid."""
    with write():
        one_at_a_time(f"shortcuts {doctor.uid}")
        row = get(doctor, uid, ROWS)
        rows = wording.changed(row.rows, form, pairs(doctor))
        Shortcut.update(rows=rows, at=now).where(Shortcut.id == row.id).execute()


def pairs(doctor: Staff) -> wording.Pairs:
    """Return what the doctor has said in both languages, in phrases and templates."""
    return wording.pairs_of(of(doctor, ROWS, *PHRASES))


def delete(doctor: Staff, uid: str) -> None:
    """Delete an own shortcut. Raises NotFound for anybody else's."""
    row = get(doctor, uid, ROWS, *PHRASES)
    with write():
        Shortcut.delete().where(Shortcut.id == row.id).execute()


def inserted(notes: Notes, shortcut: Shortcut, language: str) -> Notes:
    """Add a shortcut to the notes: rows below those typed, a phrase as a line of the advice in the patient's language.

    A row's instructions and purpose are in that language too, where it is known. What stands there already is not added
    twice.
    """
    if shortcut.kind == ROWS:
        return _with_rows(notes, shortcut, language)
    phrase = shortcut.in_language(language)
    if phrase in notes.advice:
        return notes
    return replace(notes, advice="\n".join(filter(None, [notes.advice, phrase]))[: TEXT_LIMITS["advice"]])


def _with_rows(notes: Notes, shortcut: Shortcut, language: str) -> Notes:
    known = pairs(shortcut.doctor)
    written = {item.drug.casefold() for item in notes.items}
    following = max((item.place for item in notes.items), default=-1) + 1
    rows = (wording.in_language(row, language, known) for row in shortcut.rows)
    new = [row for row in rows if str(row["drug"]).casefold() not in written]
    added = (_item(following + number, row) for number, row in enumerate(new))
    return replace(notes, items=(*notes.items, *added)[:MAX_ROWS])


def _item(place: int, row: Mapping[str, Any]) -> Item:
    return Item(place, **row)


def _without_patient(item: Item) -> dict[str, object]:
    return {name: value for name, value in stored(item).items() if name not in OF_ONE_PATIENT}


def _wrong_name(name: str, rows: list[dict[str, object]]) -> str:
    if not name:
        return _("Give the template a name.")
    if len(name) > LONGEST_NAME:
        return _("At most %(limit)s characters.", limit=LONGEST_NAME)
    return "" if rows else _("There is no medicine to keep yet.")


def _require_room(doctor: Staff, kind: str, field: str) -> None:
    if Shortcut.select().where((Shortcut.doctor == doctor) & (Shortcut.kind == kind)).count() >= MOST:
        raise Invalid({field: _("At most %(limit)s are kept. Delete one first.", limit=MOST)})
