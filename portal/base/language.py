"""Languages: whole sentences, English in the code, Hindi in the catalogue. Works in pages, tasks, SMS and PDF alike."""

from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.base.clock import IST

LANGUAGES = {"en": "English", "hi": "हिन्दी"}
WRITTEN = {"en": "en_IN", "hi": "hi_IN"}  # dates and times as India writes them, and as browsers do
FOLDER = Path(__file__).parent.parent / "translations"
_folders = [FOLDER]  # the portal's own, then those of plugins

_language: ContextVar[str] = ContextVar("language", default="en")


def current() -> str:
    """The language of whoever is being served now."""
    return _language.get()


def known(language: str) -> str:
    """This language if we speak it, else English."""
    return language if language in LANGUAGES else "en"


def use(language: str) -> None:
    """Speak this language for the rest of the request or task; an unknown one is English."""
    _language.set(known(language))


class speaking:  # noqa: N801 read as a word: with speaking("hi")
    """Speak this language inside the block. A class, as a generator takes thrice as long, and every poll speaks."""

    __slots__ = ("_language", "_token")

    def __init__(self, language: str) -> None:
        self._language = known(language)

    def __enter__(self) -> None:
        self._token = _language.set(self._language)

    def __exit__(self, *error: object) -> None:
        _language.reset(self._token)


def add_folder(folder: Path) -> None:
    """Look up sentences in this folder too, after the portal's own (a plugin's translations)."""
    if folder.is_dir() and folder not in _folders:
        _folders.append(folder)
        _catalogue.cache_clear()


@cache
def _catalogue(language: str) -> NullTranslations:
    first, *others = (_loaded(folder, language) for folder in _folders)
    for other in others:
        first.add_fallback(other)
    return first


def _loaded(folder: Path, language: str) -> NullTranslations:
    """What was compiled, else the text itself, so that authors of plugins need no step between writing and running."""
    text = folder / language / "LC_MESSAGES" / "messages.po"
    if not text.exists() or text.with_suffix(".mo").exists():
        return Translations.load(folder, [language])
    compiled = BytesIO()
    with text.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """The sentence in the current language, with its values filled in."""
    text = _catalogue(current()).gettext(message) if current() != "en" else message
    return text % values if values else text


_ = gettext


def show_date(day: date) -> str:
    """23 Nov 2026, or 23 नव॰ 2026."""
    return format_date(day, "d MMM y", locale=WRITTEN[current()])


def show_time(moment: datetime) -> str:
    """9:05 am on an Indian clock."""
    return format_time(moment, "h:mm a", tzinfo=IST, locale=WRITTEN[current()])


def show_moment(moment: datetime) -> str:
    """Date and time on an Indian clock."""
    return format_datetime(moment, "d MMM y, h:mm a", tzinfo=IST, locale=WRITTEN[current()])
