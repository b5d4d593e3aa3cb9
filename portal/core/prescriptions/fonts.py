"""Only the fonts we carry: a prescription looks the same, to the byte, whatever fonts a machine has."""

from pathlib import Path

from weasyprint.text.ffi import ffi, fontconfig, pangoft2
from weasyprint.text.fonts import FontConfiguration

FOLDER = Path(__file__).parents[2] / "fonts"

ffi.cdef("FcConfig * FcConfigCreate (void);")


class OwnFonts(FontConfiguration):
    """WeasyPrint's fonts, less those of the machine: a style sheet's @font-face rules are all there is."""

    def __init__(self) -> None:
        super().__init__()
        self._config = fontconfig.FcConfigCreate()
        pangoft2.pango_fc_font_map_set_config(ffi.cast("PangoFcFontMap *", self.font_map), self._config)
        fontconfig.FcConfigDestroy(self._config)  # the map keeps a reference of its own
