"""The prescription as a PDF: same content, same bytes. Fonts and style are ours; nothing is fetched."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

from portal.core import language
from portal.core.clock import ist
from portal.core.plain_text import shown
from portal.core.prescriptions import doses, fonts, text_layer
from portal.core.prescriptions.content import Content
from portal.paths import TEMPLATES

FOLDER = TEMPLATES / "pdf"


def render(content: Content) -> bytes:
    """The PDF of a prescription, one A4 page in the usual case. Raises ValueError if it asks for anything outside."""
    text_layer.install()
    style, own_fonts = _style()
    document = HTML(string=html_of(content), url_fetcher=_OwnFilesOnly(), base_url=FOLDER.as_uri())
    pdf: bytes = document.write_pdf(
        stylesheets=[style],
        font_config=own_fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=content.verification_code.encode(),
    )
    return pdf


def html_of(content: Content) -> str:
    """The page that is printed, in both languages, with the frequency in the patient's."""
    with language.speaking(content.language):
        return _environment().get_template("prescription.html").render(**_view(content))


def _view(content: Content) -> dict[str, Any]:
    return {
        "rx": content,
        "issued_at": ist(content.issued_at),
        "made_at": content.issued_at.isoformat(),
        "qr": segno.make(content.verify_url, error="m").png_data_uri(border=0, scale=8),
        "when": lambda item: doses.in_words(item.frequency, content.language),
    }


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(FOLDER)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, finalize=shown)
    environment.filters.update(date=language.show_date, moment=language.show_moment)
    return environment


@cache
def _style() -> tuple[CSS, fonts.OwnFonts]:
    """Parsed once per process: parsing is a third of the cost, and each fresh font configuration leaks memory."""
    own_fonts = fonts.OwnFonts()
    source = (FOLDER / "prescription.css").read_text(encoding="utf-8").replace("FONTS", fonts.FOLDER.as_uri())
    return CSS(string=source, font_config=own_fonts, url_fetcher=_OwnFilesOnly()), own_fonts


class _OwnFilesOnly(URLFetcher):
    """Lets through our own fonts and what stands in the page itself; anything else stops the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("file", "data"), fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """Raises ValueError for a file that is not one of the fonts."""
        if url.startswith("file:") and Path(unquote(urlsplit(url).path)).parent != fonts.FOLDER:
            raise ValueError("a prescription reads nothing but its fonts")
        return super().fetch(url, headers)
