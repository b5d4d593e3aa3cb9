"""Translation and locale: English in the code, Hindi in the catalogue, more in a folder: pages, tasks, SMS, PDF."""

import re
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_day_names, get_period_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from portal.base.clock import IST, clinic_day

LANGUAGES = {"en": "English", "hi": "हिन्दी"}
WRITTEN = {"en": "en_IN", "hi": "hi_IN"}  # locales: dates and times as India and browsers write them
FOLDER = Path(__file__).parent.parent / "translations"
_folders = [FOLDER]  # the portal's own, then those of plugins and of more languages
_fonts: list[str] = []  # paths of what more languages are printed with

_language: ContextVar[str] = ContextVar("language", default="en")


def current() -> str:
    """Return the language of the current request or task."""
    return _language.get()


def known(language: str) -> str:
    """Return this language if it is supported, else English."""
    return language if language in LANGUAGES else "en"


def use(language: str) -> None:
    """Set the language for the rest of the request or task; an unsupported one becomes English."""
    _language.set(known(language))


class speaking:  # noqa: N801 read as a word: with speaking("hi")
    """Set the language inside the block. A class, as a generator takes over twice as long (decision 0008)."""

    __slots__ = ("_language", "_token")

    def __init__(self, language: str) -> None:
        self._language = known(language)

    def __enter__(self) -> None:
        self._token = _language.set(self._language)

    def __exit__(self, *error: object) -> None:
        _language.reset(self._token)


def add_folder(folder: Path) -> None:
    """Look up translations in this folder too, after the portal's own (a plugin's catalogue)."""
    if folder.is_dir() and folder not in _folders:
        _folders.append(folder)
        _catalogue.cache_clear()


def add_languages(folder: Path) -> None:
    """Add each language of a folder as `<tag>/LC_MESSAGES/messages.po`, fonts for its letters as `<tag>/fonts/*.ttf`.

    What a catalogue leaves untranslated is in English. Raises ValueError for a tag that is not two letters
    of a language that CLDR knows.
    """
    for text in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        tag = text.parts[-3]
        LANGUAGES.setdefault(tag, _own_name(tag))
        WRITTEN.setdefault(tag, f"{tag}_IN")
        _fonts.extend(str(font) for font in sorted((folder / tag / "fonts").glob("*.ttf")) if str(font) not in _fonts)
    add_folder(folder)


def _own_name(tag: str) -> str:
    try:
        return str(Locale.parse(f"{tag}_IN" if re.fullmatch("[a-z]{2}", tag) else "").get_language_name(tag))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{tag!r} is no language: its folder is named by two letters, such as pa or ta.") from None


def fonts() -> list[str]:
    """List the paths of the fonts that more languages brought."""
    return list(_fonts)


def names() -> dict[str, str]:
    """Return every language by tag, as the reader's language calls it."""
    known_here = {"en": _("English"), "hi": _("Hindi")}
    here = Locale.parse(WRITTEN[current()])
    return {tag: known_here.get(tag) or str(here.languages.get(tag, own)) for tag, own in LANGUAGES.items()}


def in_language(row: Any, field: str = "name") -> str:
    """Return a row's name, or another field, in the reader's language, else in English."""
    return str((current() == "hi" and getattr(row, f"{field}_hi")) or getattr(row, field))


@cache
def _catalogue(language: str) -> NullTranslations:
    first, *others = (_loaded(folder, language) for folder in _folders)
    for other in others:
        first.add_fallback(other)
    return first


def _loaded(folder: Path, language: str) -> NullTranslations:
    """Load the compiled catalogue, else compile it in memory, so that plugin authors need no build step."""
    text = folder / language / "LC_MESSAGES" / "messages.po"
    if not text.exists() or text.with_suffix(".mo").exists():
        return Translations.load(folder, [language])
    compiled = BytesIO()
    with text.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """Translate a sentence into the current language and fill in its values."""
    text = _catalogue(current()).gettext(message) if current() != "en" else message
    return text % values if values else text


_ = gettext


def N_(message: str) -> str:  # noqa: N802 the name that extractors know
    """Mark a sentence for the catalogue where it stands in a table; whoever says it translates it."""
    return message


def show_date(day: date) -> str:
    """Format a date, of a moment the clinic's: 23 Nov 2026, or 23 नवंबर 2026."""
    shown = clinic_day(day) if isinstance(day, datetime) else day  # a moment is in UTC, where the day begins later
    return format_date(shown, _day_pattern(current()), locale=WRITTEN[current()])


def show_number(number: float, decimals: int = 0) -> str:
    """Format a number with the separators of India: 1,25,000."""
    pattern = "#,##,##0" + (f".{'0' * decimals}" if decimals else "")
    return format_decimal(number, pattern, locale=WRITTEN[current()])


def show_month(day: date) -> str:
    """Format a date's month: November 2026, or नवंबर 2026."""
    return format_date(day, "LLLL y", locale=WRITTEN[current()])


def weekdays(width: Literal["wide", "abbreviated"] = "wide") -> dict[int, str]:
    """Return the names of weekdays, 1 Monday to 7 Sunday."""
    names = get_day_names(width, context="stand-alone", locale=WRITTEN[current()])
    return {number + 1: names[number] for number in range(7)}


def show_time(moment: datetime) -> str:
    """Format a time in IST: 9:05 am, or सुबह 9:05."""
    return _clock(moment, "Bhm")


def show_moment(moment: datetime) -> str:
    """Format a date and time in IST."""
    return f"{show_date(moment)}, {show_time(moment)}"


def show_second(moment: datetime) -> str:
    """Format a date and time to the second, in IST."""
    return f"{show_date(moment)}, {_clock(moment, 'Bhms')}"


def _day_pattern(language: str) -> str:
    """Months in full: the short ones of Indian languages (नव॰) are read by nobody."""
    return "d MMM y" if language == "en" else "d MMMM y"


def _clock(moment: datetime, skeleton: str) -> str:
    locale = WRITTEN[current()]
    text = format_time(moment, _clock_pattern(current(), skeleton), tzinfo=IST, locale=locale)
    names = get_period_names("abbreviated", context="format", locale=locale)
    if current() == "en" or "midnight" not in names:
        return text
    return text.replace(names["midnight"], names["night1"])  # रात 12:00, as nobody says मध्यरात्रि


@cache
def _clock_pattern(language: str, skeleton: str) -> str:
    """Morning, noon, evening and night as people say them: "am" and "pm" are of English alone."""
    if language == "en":
        return {"Bhm": "h:mm a", "Bhms": "h:mm:ss a"}[skeleton]
    return str(Locale.parse(WRITTEN[language]).datetime_skeletons[skeleton].pattern)
