"""Paths of data files: inside the installed package, or in the source tree."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_installed = _PACKAGE / "templates"
TEMPLATES = _installed if _installed.is_dir() else _PACKAGE.parent / "templates"
FONTS = _PACKAGE / "fonts"
