"""Print the stamps that are laid over a prescription's pages once it no longer holds.

    .venv/bin/python -m scripts.stamps

One page a stamp, with the fonts of the prescription, so that serving a stamped file needs no printing process.
"""

from weasyprint import CSS, HTML

from portal.core.paper.printing import _OwnFilesOnly, _OwnFonts
from portal.core.paper.stamps import FOLDER, WORDS
from portal.paths import FONTS

STYLE = """
@font-face { font-family: Rx; src: url(FONTS/NotoSans-Bold.ttf); font-weight: 700 }
@font-face { font-family: RxHindi; src: url(FONTS/NotoSansDevanagari-Bold.ttf); font-weight: 700 }
@page { size: A4; margin: 0 }
p { position: absolute; top: 105mm; left: 0; width: 210mm; text-align: center; transform: rotate(-30deg);
    font: 700 44pt/1.2 Rx, RxHindi; color: #b00020; opacity: .45; margin: 0 }
p.line { top: 4mm; transform: none; font-size: 11pt; opacity: 1 }
"""


def main() -> None:
    """Write every stamp beside the module that lays it over."""
    own_fonts = _OwnFonts()
    style = CSS(string=STYLE.replace("FONTS", FONTS.as_uri()), font_config=own_fonts, url_fetcher=_OwnFilesOnly())
    FOLDER.mkdir(exist_ok=True)
    for name, (english, hindi) in WORDS.items():
        page = HTML(
            string=f'<p class="line">{english} / {hindi}</p><p>{english}<br>{hindi}</p>', url_fetcher=_OwnFilesOnly()
        )
        made = page.write_pdf(stylesheets=[style], font_config=own_fonts, pdf_identifier=name.encode())
        (FOLDER / f"{name}.pdf").write_bytes(made)


if __name__ == "__main__":
    main()
