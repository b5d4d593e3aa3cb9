"""Compile the translation catalogues from .po (in git) to .mo (not in git). Used by make and by the wheel build."""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent.parent


def compile_catalogue(source: Path) -> None:
    """Write the .mo beside this .po: the same bytes at any time, as a wheel must be built again byte for byte."""
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parent.parent.name)
    catalogue.creation_date = datetime.fromtimestamp(0, UTC)  # Babel writes the minute of the reading otherwise
    with source.with_suffix(".mo").open("wb") as binary:
        write_mo(binary, catalogue)


def compile_all() -> None:
    """Compile every catalogue of the portal and of the plugins in this tree."""
    for folder in ("portal", "plugins"):
        for source in sorted((ROOT / folder).glob("**/translations/*/LC_MESSAGES/*.po")):
            compile_catalogue(source)


class BuildWithCatalogues(build_py):
    """setuptools' build_py, which needs the .mo files to be there before it collects package data."""

    def run(self) -> None:
        """Compile, then collect."""
        compile_all()
        super().run()


if __name__ == "__main__":
    compile_all()
