"""Punjabi comes by a folder alone: its catalogue, a font for its letters, and a row of the environment."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pikepdf
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from lxml import html

from portal import config
from portal.base import language
from portal.core.messages.kinds import KINDS
from portal.core.messages.texts import default
from portal.core.paper import large_print, pdf
from portal.core.paper.forms import form_in_words
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.dosing.wording import days_in_words, line_in_words
from portal.core.prescribing.patient_words import in_patients_words
from tests.core.paper.samples import sample
from tests.day import cast, papers
from tests.servers import running_portal

LETTERS = "".join(chr(sign) for sign in range(0x0A00, 0x0A80)) + " "
FONT = "Gurmukhi of the test"
SENTENCES = {
    "Sign in": "ਸਾਈਨ ਇਨ ਕਰੋ",
    "Your medicines": "ਤੁਹਾਡੀਆਂ ਦਵਾਈਆਂ",
    KINDS["token"].en: "ਟੋਕਨ $token, ਨੰਬਰ $number, ਮਰੀਜ਼ $patient_id.",
    KINDS["otp"].en: "ਕੋਡ $code",
    "tablet": "ਗੋਲੀ",
    "tablets": "ਗੋਲੀਆਂ",
    "%(amount)s in the morning": "ਸਵੇਰੇ %(amount)s",
    "%(amount)s at night": "ਰਾਤ ਨੂੰ %(amount)s",
    "after food": "ਖਾਣੇ ਤੋਂ ਬਾਅਦ",
    "for %(days)s": "%(days)s ਲਈ",
    "%(days)s days": "%(days)s ਦਿਨ",
    "for blood pressure": "ਬਲੱਡ ਪ੍ਰੈਸ਼ਰ ਲਈ",
    "eye drops": "ਅੱਖਾਂ ਦੀ ਦਵਾਈ",
}


def font() -> bytes:
    """A font whose letters are boxes."""
    names = [".notdef", *(f"sign{ord(sign):04X}" for sign in LETTERS)]
    pen = TTGlyphPen(None)
    for move, place in (("moveTo", (50, 0)), ("lineTo", (50, 700)), ("lineTo", (450, 700)), ("lineTo", (450, 0))):
        getattr(pen, move)(place)
    pen.closePath()
    box, made = pen.glyph(), BytesIO()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(dict(zip(map(ord, LETTERS), names[1:], strict=True)))
    builder.setupGlyf(dict.fromkeys(names, box))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": FONT, "styleName": "Regular", "psName": FONT.replace(" ", "")})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(made)
    return made.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with Punjabi."""
    texts, fonts = tmp_path / "more" / "pa" / "LC_MESSAGES", tmp_path / "more" / "pa" / "fonts"
    texts.mkdir(parents=True)
    fonts.mkdir()
    catalogue = Catalog(locale="pa")
    for english, punjabi in SENTENCES.items():
        catalogue.add(english, punjabi)
    with (texts / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    (fonts / "boxes.ttf").write_bytes(font())
    return tmp_path / "more"


@pytest.fixture
def _punjabi(folder: Path) -> Iterator[None]:
    kept = [(held, held.copy()) for held in (language.LANGUAGES, language.WRITTEN, language._folders, language._fonts)]
    language.add_languages(folder)
    yield
    for held, before in kept:
        held.clear()
        held.update(before) if isinstance(held, dict) else held.extend(before)
    language._catalogue.cache_clear()


def test_pages_and_texts_are_in_a_language_that_came_by_a_folder(folder, tmp_path):
    with running_portal(tmp_path / "portal", PORTAL_TRANSLATIONS=str(folder)) as portal:
        with httpx.Client(base_url=portal.url, follow_redirects=True) as anybody:
            page = html.fromstring(anybody.get("/lang/pa?next=/login").text)
            assert page.xpath("/html/@lang") == ["pa"]
            assert page.xpath("string(//h1)") == "ਸਾਈਨ ਇਨ ਕਰੋ"
            assert "Mobile number" in page.xpath("string(//main)"), "what is not translated is in English"
            assert page.xpath("//header//a[@hreflang]/@lang") == ["en", "hi"]
            page = html.fromstring(anybody.get("/lang/en?next=/login").text)
            assert page.xpath("//header//a[@lang='pa']/text()") == ["ਪੰਜਾਬੀ"]
        with cast.sign_in(portal, "9000000092") as patient:
            cast.register(patient, "1000276", "1950-01-01", "pa")
            cast.ask_for_token(patient, specialty="eye")
        assert portal.message("token", "9000000092")["text"].startswith("ਟੋਕਨ EYE-001, ਨੰਬਰ 1, ਮਰੀਜ਼ ")


@pytest.mark.usefixtures("db", "_punjabi")
def test_a_sheet_in_large_print_has_the_letters_of_the_folder():
    with pdf.printers().reserved() as ask:
        printed = ask(large_print.request_of(sample(language="pa").to_json()))
    assert "ਤੁਹਾਡੀਆਂ" in papers.text_of(printed).replace(" ", "")
    with pikepdf.open(BytesIO(printed)) as document:
        fonts = {
            str(font.BaseFont).partition("+")[2] for page in document.pages for font in page.Resources.Font.values()
        }
    assert "RxMore0" in fonts


@pytest.mark.usefixtures("_punjabi")
def test_doses_forms_and_purposes_are_said_in_a_language_that_came_by_a_folder():
    line = read("1-0-2 tab PC for 5 days")
    assert line is not None
    assert line_in_words(line, "pa") == "ਸਵੇਰੇ 1 ਗੋਲੀ, ਰਾਤ ਨੂੰ 2 ਗੋਲੀਆਂ, ਖਾਣੇ ਤੋਂ ਬਾਅਦ, 5 ਦਿਨ ਲਈ"
    assert days_in_words(30, "pa") == "30 ਦਿਨ"
    assert in_patients_words("ब्लड प्रेशर के लिए", "pa") == "ਬਲੱਡ ਪ੍ਰੈਸ਼ਰ ਲਈ"
    assert form_in_words("Eye drops", "pa") == "ਅੱਖਾਂ ਦੀ ਦਵਾਈ"
    weekly = read("once a week")
    assert weekly is not None
    assert line_in_words(weekly, "pa") == "once a week", "what is not translated is in English"
    assert form_in_words("Nail lacquer", "pa") == "Nail lacquer"


@pytest.mark.usefixtures("_punjabi")
def test_a_language_has_its_own_name_and_the_reader_s():
    assert language.LANGUAGES["pa"] == "ਪੰਜਾਬੀ"
    with language.speaking("hi"):
        assert language.names()["pa"] == "पंजाबी"


@pytest.mark.usefixtures("_punjabi")
def test_a_translated_text_without_its_variables_is_sent_in_english():
    assert default("token", "pa") == SENTENCES[KINDS["token"].en]
    assert default("otp", "pa") == KINDS["otp"].en


@pytest.mark.parametrize("tag", ["xx", "punjabi", "P1"])
def test_a_folder_named_after_no_language_is_refused(tag, tmp_path):
    (tmp_path / tag / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / tag / "LC_MESSAGES" / "messages.po").write_text("")
    with pytest.raises(ValueError, match="is no language"):
        language.add_languages(tmp_path)


def test_a_folder_that_is_not_there_is_said_at_the_start(tmp_path):
    with pytest.raises(config.ConfigError, match="PORTAL_TRANSLATIONS"):
        config.load({"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(tmp_path), "PORTAL_TRANSLATIONS": "nowhere"})
