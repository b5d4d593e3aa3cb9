"""HTML to PDF in a child process, the only one that loads WeasyPrint, Pango and fontconfig.

They are not thread-safe, and WeasyPrint configures Pillow globally. Fonts and style are ours; nothing is fetched.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint import CSS, HTML
from weasyprint.text.ffi import ffi, fontconfig, pangoft2
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from portal.core.paper import conformance, text_layer
from portal.paths import FONTS, TEMPLATES

FOLDER = TEMPLATES / "pdf"

ffi.cdef("FcConfig * FcConfigCreate (void);")


class _OwnFonts(FontConfiguration):
    """Font configuration without the machine's fonts: only the @font-face rules of the style sheet.

    A prescription is the same, to the byte, whatever fonts a machine has.
    """

    def __init__(self) -> None:
        super().__init__()
        self._config = fontconfig.FcConfigCreate()
        pangoft2.pango_fc_font_map_set_config(ffi.cast("PangoFcFontMap *", self.font_map), self._config)
        fontconfig.FcConfigDestroy(self._config)  # the map has a reference of its own


def work(request: bytes) -> bytes:
    """Print {"html": ..., "identifier": ..., "style": ..., "fonts": [path]} to PDF; default: a prescription's style.

    Raises ValueError if the page requests anything external.
    """
    wanted = json.loads(request)
    text_layer.install()
    fonts = tuple(Path(font) for font in wanted.get("fonts", ()))
    style, own_fonts = _style(wanted.get("style", "prescription.css"), fonts)
    document = HTML(string=wanted["html"], url_fetcher=_OwnFilesOnly(fonts), base_url=FOLDER.as_uri())
    pdf: bytes = document.write_pdf(
        stylesheets=[style],
        font_config=own_fonts,
        pdf_variant="pdf/a-2a",
        pdf_identifier=wanted["identifier"].encode(),
        finisher=conformance.claim_accessible,
    )
    return pdf


@cache
def _style(name: str, fonts: tuple[Path, ...]) -> tuple[CSS, _OwnFonts]:
    """Parse a style once per process (cached): a third of the cost, and each new font configuration leaks memory."""
    own_fonts = _OwnFonts()
    source = (FOLDER / name).read_text(encoding="utf-8").replace("FONTS", FONTS.as_uri())
    if fonts:
        faces = "".join(
            f"@font-face {{ font-family: RxMore{place}; src: url({font.as_uri()}) }}\n"
            for place, font in enumerate(fonts)
        )
        more = "".join(f", RxMore{place}" for place in range(len(fonts)))
        source = faces + source.replace("Rx, RxHindi", f"Rx, RxHindi{more}")
    return CSS(string=source, font_config=own_fonts, url_fetcher=_OwnFilesOnly(fonts)), own_fonts


class _OwnFilesOnly(URLFetcher):
    """URL fetcher for our fonts and data URLs; anything else fails the rendering."""

    def __init__(self, fonts: tuple[Path, ...] = ()) -> None:
        super().__init__(allowed_protocols=("file", "data"), fail_on_errors=True)
        self._fonts = fonts

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """Fetch a URL. Raises ValueError for a file that is not one of the fonts."""
        path = Path(unquote(urlsplit(url).path))
        if url.startswith("file:") and path.parent != FONTS and path not in self._fonts:
            raise ValueError("a prescription reads nothing but its fonts")
        return super().fetch(url, headers)
