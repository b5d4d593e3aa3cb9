"""The prescription as a PDF: same content, same bytes. Fonts and style are ours; nothing is fetched."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from portal.core import language
from portal.core.clock import ist
from portal.core.prescriptions import doses, text_layer
from portal.core.prescriptions.content import Content
from portal.paths import TEMPLATES

FOLDER = TEMPLATES / "pdf"
FONTS = Path(__file__).parents[2] / "fonts"


def render(content: Content) -> bytes:
    """The PDF of a prescription, one A4 page in the usual case. Raises ValueError when something outside is asked for."""
    text_layer.install()
    with language.speaking(content.language):
        html = _environment().get_template("prescription.html").render(**_view(content))
    style, fonts = _style()
    document = HTML(string=html, url_fetcher=_OwnFilesOnly(), base_url=FOLDER.as_uri())
    pdf: bytes = document.write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=content.verification_code.encode(),
    )
    return pdf


def _view(content: Content) -> dict[str, Any]:
    return {
        "rx": content,
        "issued_at": ist(content.issued_at),
        "made_at": content.issued_at.isoformat(),
        "qr": segno.make(content.verify_url, error="m").svg_data_uri(border=0),
        "when": lambda item: doses.in_words(item.frequency, content.language),
        "_": language.gettext,
    }


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    environment.filters.update(date=language.show_date, moment=language.show_moment)
    return environment


@cache
def _style() -> tuple[CSS, FontConfiguration]:
    """Parsed once per process: parsing is a third of the cost, and a fresh font configuration leaks memory each time."""
    fonts = FontConfiguration()
    source = (FOLDER / "prescription.css").read_text(encoding="utf-8").replace("FONTS", FONTS.as_uri())
    return CSS(string=source, font_config=fonts, url_fetcher=_OwnFilesOnly()), fonts


class _OwnFilesOnly(URLFetcher):
    """Lets through our own fonts and what stands in the page itself; anything else stops the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("file", "data"), fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """Raises ValueError for a file that is not one of the fonts."""
        if url.startswith("file:") and Path(unquote(urlsplit(url).path)).parent != FONTS:
            raise ValueError("a prescription reads nothing but its fonts")
        return super().fetch(url, headers)
