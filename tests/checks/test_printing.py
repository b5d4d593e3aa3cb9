"""Fonts that are missing, damaged or of another script."""

import shutil

from portal.checks import printing
from tests.checks.looking import said


def test_missing_damaged_and_wrong_fonts_are_found(config, monkeypatch, tmp_path):
    fonts = shutil.copytree(printing.FONTS, tmp_path / "fonts")
    monkeypatch.setattr(printing, "FONTS", fonts)
    assert said(printing.fonts, config) == ""
    devanagari = fonts / "NotoSansDevanagari-Regular.ttf"
    shutil.copy(fonts / "NotoSans-Regular.ttf", devanagari)
    assert "lacks letters" in said(printing.fonts, config)
    devanagari.write_bytes(b"damaged")
    assert "cannot be read" in said(printing.fonts, config)
    devanagari.unlink()
    assert "cannot be read (FileNotFoundError)" in said(printing.fonts, config)
