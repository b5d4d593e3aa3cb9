"""Stamps over a prescription that no longer holds: each page, readable, the file below unchanged."""

from io import BytesIO

import pikepdf
import pytest

from portal.core.paper.stamps import WORDS, stamped
from tests.core.paper.samples import render, sample
from tests.day.papers import text_of


@pytest.mark.parametrize("stamp", WORDS)
def test_each_page_is_stamped_and_stays_readable(stamp: str) -> None:
    plain = render(sample(12))
    made = stamped(plain, stamp)
    with pikepdf.open(BytesIO(made)) as document:
        pages = len(document.pages)
        assert all("/XObject" in page.Resources for page in document.pages)
    assert text_of(made).count(f"{WORDS[stamp][0]} /") == pages
    assert "MEDICINE 0" in text_of(made)
