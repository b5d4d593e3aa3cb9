"""Text extraction from PDFs."""

import os
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
