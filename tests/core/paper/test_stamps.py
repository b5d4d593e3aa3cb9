"""Stamps over a prescription that no longer holds: each page, readable, the file below unchanged."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from portal.core.paper.stamps import WORDS, stamped
from portal.core.signing import places, signatures
from portal.core.signing.signatures import Outgoing
from tests import verapdf
from tests.core.paper.samples import render, sample
from tests.core.paper.test_text_layer import HINDI
from tests.day.papers import text_of
from tests.signing import made, signatures_of, status_of

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def signed(pdf: bytes) -> bytes:
    told = Outgoing("Cancelled: RX-2611-000123")
    return signatures.sign(pdf, [places.of_demo(made()).organisation], told, now=NOW).content


@pytest.mark.parametrize("stamp", WORDS)
def test_each_page_is_stamped_and_stays_readable(stamp: str) -> None:
    plain = render(sample(12))
    made = stamped(plain, stamp)
    with pikepdf.open(BytesIO(made)) as document:
        pages = len(document.pages)
        assert all("/XObject" in page.Resources for page in document.pages)
    assert text_of(made).count(f"{WORDS[stamp][0]} /") == pages
    assert "MEDICINE 0" in text_of(made)


def test_the_same_file_and_stamp_give_the_same_bytes() -> None:
    plain = signed(render(sample(1)))
    assert stamped(plain, "cancelled") == stamped(plain, "cancelled")


def test_a_stamp_is_read_before_each_page_and_is_no_longer_the_signed_file() -> None:
    made_of = stamped(signed(render(sample(60, language="hi"))), "replaced")
    assert signatures_of(made_of) == []
    with pikepdf.open(BytesIO(made_of)) as document:
        first = list(document.Root.StructTreeRoot.K[0].K)[: len(document.pages)]
        assert [str(each.ActualText) for each in first] == ["REPLACED / बदला गया"] * len(document.pages)
        assert [each.Pg.objgen for each in first] == [page.obj.objgen for page in document.pages]


def test_stamped_files_keep_both_claims_signed_or_not(tmp_path: Path) -> None:
    files = [signed(render(content)) for content in (sample(3), HINDI, sample(60, language="hi"))]
    files = [stamped(pdf, stamp) for pdf in files for stamp in WORDS]
    assert verapdf.failures(tmp_path, [*files, signed(files[0]), signed(files[-1])]) == []


def test_a_stamped_file_has_one_signature_that_verifies() -> None:
    again = signed(stamped(signed(render(HINDI)), "cancelled"))
    assert status_of(again, at=NOW).bottom_line
