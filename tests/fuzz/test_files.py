"""Files as they are uploaded: damaged, cut, swollen. Each is read, or refused, and the process that asked lives on."""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.core.records import kinds
from portal.core.records.cleaning import sandbox
from portal.core.records.cleaning.dicom import clean_dicom
from portal.core.records.cleaning.outcome import Refused
from portal.sandbox import sheets
from portal.store import csv_file
from tests.core.records import papers
from tests.core.records.cleaning import test_dicom
from tests.fuzz.inputs import FUZZ_SECONDS, MIB, TEXTS, damaged, fuzz

HEADER = "ben_id,name,date_of_birth,sex,mobile"
ROWS = [HEADER, "5000001,Ramesh Kumar,03/02/1950,M,9876543210", '5000002,"सीता, देवी",1961-07-09,F,+91 98765 43211']
COLUMNS = csv_file.Columns(("ben_id", "name"), others=True)


def workbook() -> bytes:
    book = Workbook()
    for row in ROWS:
        book.active.append(row.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """A workbook with a part of its XML damaged: the zip around it is whole, so that the reader gets there."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    name = draw(st.sampled_from(sorted(parts)))
    parts[name] = draw(damaged(parts[name]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for each, content in parts.items():
            packed.writestr(each, content)
    return out.getvalue()


def tables() -> st.SearchStrategy[bytes]:
    own = st.lists(st.lists(TEXTS, max_size=6).map(",".join), max_size=6).map("\r\n".join)
    encoded = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
    made = st.tuples(own, encoded).map(lambda pair: pair[0].encode(pair[1], "surrogatepass"))
    return made | damaged("\r\n".join(ROWS).encode()) | damaged("\n".join(ROWS).encode("utf-16"))


def test_a_register_is_read_row_by_row_or_refused_as_a_whole() -> None:
    def call(content: bytes) -> None:
        told = sheets.work(json.dumps({"rows": 0}).encode() + b"\n" + content)
        head, *rows = (json.loads(line) for line in told.split(b"\n"))
        if "refused" in head:
            assert head["refused"] in {"empty", "text", "old", "table", "damaged", "large", "many"}
            return
        for number, cells, wrong in rows:
            assert number >= 1
            assert (cells is None) == bool(wrong)
            assert cells is None or len(cells) == len(head["columns"])

    fuzz(call, tables(), examples=100)
    fuzz(call, workbooks() | damaged(workbook()), examples=60, seconds=2, memory=64 * MIB)


def test_a_list_in_csv_is_taken_line_by_line_or_refused_with_its_header() -> None:
    def call(content: bytes) -> None:
        for line in csv_file.read_table(io.BytesIO(content), COLUMNS):
            assert bool(line.cells) != bool(line.wrong)

    fuzz(call, tables(), refuses=(csv_file.Invalid,))


def test_the_kind_of_a_file_is_one_that_can_be_cleaned_or_none() -> None:
    def call(head: bytes) -> None:
        assert kinds.kind_of(head) in {None, *kinds.MIME}

    fuzz(call, st.binary(max_size=300) | damaged(papers.paper("photo.heic")[: kinds.HEAD_BYTES]))


def test_the_name_of_a_file_is_shown_without_folders_and_signs_that_do_not_print() -> None:
    def call(name: str) -> None:
        title = kinds.title_of(name)
        assert 0 < len(title) <= kinds.TITLE_LIMIT
        assert not {"/", "\\", "\n", "\0", "\u202e"} & set(title)

    fuzz(call, TEXTS)


SEEDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pdf": ("pdf", lambda: papers.paper("filledform.pdf")),
    "annotated": ("pdf", lambda: papers.paper("annotated.pdf")),
    "jpeg": ("jpeg", papers.jpeg_with_place),
    "png": ("png", lambda: papers.paper("xray16bit.png")),
    "heic": ("heic", lambda: papers.paper("photo.heic")),
    "scan": ("dcm", test_dicom.altered),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_upload_is_copied_or_refused_in_time_and_the_asking_process_lives(seed: str) -> None:
    """In a child of its own each, with its limits: `SandboxFailed` is its crash, which the record says as *damaged*."""
    kind, content = SEEDS[seed]
    pid = os.getpid()

    def call(upload: bytes) -> None:
        began = time.monotonic()
        cleaned = sandbox.clean(kind, upload)
        assert time.monotonic() - began < sandbox.SECONDS
        assert kinds.kind_of(cleaned.content[: kinds.HEAD_BYTES]) == cleaned.kind
        assert os.getpid() == pid

    examples = 30 if FUZZ_SECONDS else 6
    fuzz(call, damaged(content()), examples=examples, memory=64 * MIB, refuses=(Refused, sandbox.SandboxFailed))


ODD_VALUES = ["", "abc", "nan", "inf", "-inf", "1e308", "-1", "0", "65535", "4294967295", "1\\2\\3", "٣", "\0"]
OF_A_SCAN = (
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel PlanarConfiguration "
    "NumberOfFrames WindowCenter WindowWidth RescaleSlope RescaleIntercept PhotometricInterpretation"
).split()


def test_a_damaged_scan_is_a_picture_or_refused_with_a_reason() -> None:
    """Here, and not in a child, whose crash would count as a failure of this machine and be tried again."""

    def call(upload: bytes) -> None:
        cleaned = clean_dicom(upload)
        assert kinds.kind_of(cleaned.content[: kinds.HEAD_BYTES]) == "png"

    facts = st.dictionaries(st.sampled_from(OF_A_SCAN), st.sampled_from(ODD_VALUES), min_size=1, max_size=2)
    scans = facts.map(lambda found: test_dicom.altered(**found))
    limits = {"seconds": 5, "memory": 256 * MIB, "refuses": (Refused, MemoryError)}
    fuzz(call, scans, examples=60, **limits)
    fuzz(call, damaged((test_dicom.REAL / "CT_small.dcm").read_bytes()), examples=60, **limits)
