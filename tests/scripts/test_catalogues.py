"""Compiled catalogues are the same bytes whenever they are made."""

from gettext import GNUTranslations
from pathlib import Path
from shutil import copy

from scripts.catalogues import compile_catalogue
from scripts.translations import CATALOGUE


def test_a_compiled_catalogue_holds_no_moment_of_its_making(tmp_path: Path) -> None:
    source = tmp_path / "hi" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    copy(CATALOGUE, source)
    compile_catalogue(source)
    with source.with_suffix(".mo").open("rb") as compiled:
        header = GNUTranslations(compiled).info()
    assert header["pot-creation-date"].startswith("1970-01-01")
    assert not header["po-revision-date"][:1].isdigit()
