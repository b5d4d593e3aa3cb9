"""Text extraction from PDFs: all of it, and where on the page each word stands."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable

import pytest


@pytest.fixture
def text_of(tmp_path) -> Callable[[bytes], str]:
    """Extract the text of a PDF with poppler."""
    if shutil.which("pdftotext") is None:
        message = "pdftotext (Debian package poppler-utils) is not installed"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)

    def extract(pdf: bytes) -> str:
        path = tmp_path / "document.pdf"
        path.write_bytes(pdf)
        return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout

    return extract


@pytest.fixture
def placed_words(text_of, tmp_path) -> Callable[[bytes], list[tuple[tuple[float, ...], str]]]:
    """List the words of a PDF with their left, upper, right and lower edge in points, as poppler finds them."""

    def find(pdf: bytes) -> list[tuple[tuple[float, ...], str]]:
        path = tmp_path / "document.pdf"
        path.write_bytes(pdf)
        found = subprocess.run(["pdftotext", "-bbox", path, "-"], check=True, capture_output=True, text=True).stdout
        words = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.+?)</word>', found)
        return [(tuple(float(edge) for edge in word[:4]), word[4]) for word in words]

    return find
