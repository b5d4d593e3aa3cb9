"""What a patient reads of a template's rows, in English and in Hindi: known pairs, and what the doctor adds.

A part that the dose language reads, or that is listed, is known in both languages; so is each phrase of the doctor's,
and what an own template says in both. Anything else stays in the language in which it was typed until the doctor adds
the other one.
"""

from collections.abc import Iterable, Mapping

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.typed import clean, plain
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.dosing.wording import line_in_words
from portal.core.prescribing.notes import ROW_LIMITS
from portal.core.prescribing.patient_words import in_patients_words
from portal.core.shortcuts.models import ROWS, Shortcut

TEXTS = ("instructions", "purpose")
BETWEEN = " · "
Pairs = Mapping[str, tuple[str, str]]
Row = dict[str, object]


def pairs_of(shortcuts: Iterable[Shortcut]) -> Pairs:
    """Map what the doctor has said in both languages, either way, to both."""
    said = [pair for each in shortcuts for pair in _said(each)]
    return {plain(text): pair for pair in said if all(pair) for text in pair}


def in_both(row: Row, pairs: Pairs) -> Row:
    """Add the other language to a row that has one; "" where nobody has said it."""
    found: Row = {}
    for name in TEXTS:
        english, hindi = str(row.get(name, "")), str(row.get(f"{name}_hi", ""))
        found |= {name: english or _other(hindi, "en", pairs), f"{name}_hi": hindi or _other(english, "hi", pairs)}
        if not hindi and is_hindi(english):
            found |= {name: _other(english, "en", pairs), f"{name}_hi": english}
    return row | found


def in_language(row: Row, language: str, pairs: Pairs) -> Row:
    """Return the row of a draft, its texts in `en` or `hi` where they are known, else as they were typed."""
    both, chosen = in_both(row, pairs), {}
    for name in TEXTS:
        texts = (str(both[f"{name}_hi"]), str(both[name]))
        chosen[name] = next(filter(None, texts if language == "hi" else texts[::-1]), "")
    return {name: value for name, value in both.items() if not name.endswith("_hi")} | chosen


def changed(rows: Iterable[Row], form: Mapping[str, str], pairs: Pairs) -> list[Row]:
    """Return the rows with the texts of a form. Raises Invalid for each that is too long."""
    problems: dict[str, str] = {}
    found = []
    for place, row in enumerate(rows):
        typed = {}
        for name in (f"{name}{ending}" for name in TEXTS for ending in ("", "_hi")):
            field, limit = field_of(place, name), ROW_LIMITS[name.removesuffix("_hi")]
            typed[name] = clean(form.get(field, str(in_both(row, pairs)[name])))
            if len(typed[name]) > limit:
                problems[field] = _("At most %(limit)s characters.", limit=limit)
        found.append(row | typed)
    if problems:
        raise Invalid(problems)
    return found


def field_of(place: int, name: str) -> str:
    """Return the name of the field for a row's text."""
    return f"row-{place}-{name}"


def is_hindi(text: str) -> bool:
    """Tell whether a text has a letter of Devanagari."""
    return any("\u0900" <= sign <= "\u097f" for sign in text)


def _said(shortcut: Shortcut) -> list[tuple[str, str]]:
    if shortcut.kind != ROWS:
        return [(shortcut.text, shortcut.text_hi)]
    return [(str(row.get(name, "")), str(row.get(f"{name}_hi", ""))) for row in shortcut.rows for name in TEXTS]


def _other(text: str, language: str, pairs: Pairs) -> str:
    """Say a text in the other language, part by part; "" when one part of it is not known there."""
    if plain(text) in pairs:
        return pairs[plain(text)][language == "hi"]
    parts = [_part(part, language, pairs) for part in text.split(BETWEEN)]
    return BETWEEN.join(parts) if all(parts) else ""


def _part(text: str, language: str, pairs: Pairs) -> str:
    if plain(text) in pairs:
        return pairs[plain(text)][language == "hi"]
    if line := read(text):
        return line_in_words(line, language)
    said = in_patients_words(text, language)
    return said if said != text else ""
