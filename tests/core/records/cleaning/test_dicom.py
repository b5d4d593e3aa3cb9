"""DICOM files become pictures: the machine's window, its negatives, many ways of packing; nothing but the pixels."""

from array import array
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from PIL import Image
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from portal.core.records.cleaning.dicom import clean_dicom
from portal.core.records.cleaning.outcome import Refused

REAL = Path(pydicom.__file__).parent / "data" / "test_files"  # of real machines; they come with the library


def scan(values: list[int], **more: object) -> bytes:
    """Make a scan of one row, 12 bits in 16, as an X-ray machine does."""
    document = Dataset()
    document.file_meta = FileMetaDataset()
    document.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    document.SOPClassUID, document.SOPInstanceUID = DigitalXRayImageStorageForPresentation, "1.2.3"
    facts = {"Rows": 1, "Columns": len(values), "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}
    facts |= {"PixelRepresentation": 0, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2"}
    facts |= {"PatientName": "Canary^Name", "PixelData": array("H", values).tobytes()}
    for name, value in (facts | more).items():
        setattr(document, name, value)
    out = BytesIO()
    document.save_as(out, enforce_file_format=True)
    return out.getvalue()


def altered(**facts: str) -> bytes:
    """A scan of a real machine in which some facts are written otherwise, as they stand in the file."""
    document, out = pydicom.dcmread(REAL / "CT_small.dcm"), BytesIO()
    for name, value in facts.items():
        tag = tag_for_keyword(name)
        document[tag] = RawDataElement(tag, dictionary_VR(tag), len(value.encode()), value.encode(), 0, False, True)
    document.save_as(out)
    return out.getvalue()


def greys(content: bytes) -> list[int]:
    return list(Image.open(BytesIO(clean_dicom(content).content)).tobytes())


def test_without_a_window_the_darkest_is_black_and_the_brightest_white():
    assert greys(scan([100, 1100, 2100])) == [0, 128, 255]


def test_the_window_of_the_machine_decides_what_is_grey():
    assert greys(scan([0, 1000, 1500, 2000, 4000], WindowCenter=1500.5, WindowWidth=1001)) == [0, 0, 128, 255, 255]


def test_a_negative_is_turned_as_the_file_says():
    assert greys(scan([0, 4095], PhotometricInterpretation="MONOCHROME1")) == [255, 0]


def test_signed_and_rescaled_numbers_are_read_as_such():
    values = [0xFF6, 0, 10]  # -10 in 12 bits
    assert greys(scan(values, PixelRepresentation=1, RescaleSlope=2, RescaleIntercept=-1000)) == [0, 128, 255]


def test_padding_around_the_picture_does_not_count():
    assert greys(scan([0, 1000, 2000, 3000], PixelPaddingValue=0))[1:] == [0, 128, 255]


@pytest.mark.parametrize("name", ["MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm"])
def test_the_same_scan_packed_in_another_way_is_the_same_picture(name):
    assert clean_dicom((REAL / name).read_bytes()).content == clean_dicom((REAL / "MR_small.dcm").read_bytes()).content


@pytest.mark.parametrize("name", ["CT_small.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm", "examples_rgb_color.dcm"])
def test_scans_of_real_machines_become_pictures(name):
    cleaned = clean_dicom((REAL / name).read_bytes())
    assert (cleaned.kind, cleaned.remarks, cleaned.is_whole) == ("png", ("scan",), True)
    bands = Image.open(BytesIO(cleaned.content)).convert("RGB").getextrema()
    assert max(high - low for low, high in bands) > 100, "something is to be seen"


def test_a_scan_of_several_pictures_is_not_complete():
    cleaned = clean_dicom((REAL / "SC_rgb_rle_2frame.dcm").read_bytes())
    assert (cleaned.remarks, cleaned.is_whole) == (("frames", "scan"), False)


def test_nothing_but_the_pixels_is_kept():
    assert b"Canary" not in clean_dicom(scan([0, 4095])).content


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("MR_truncated.dcm", "damaged"),
        ("reportsi.dcm", "no_picture"),
        ("JPGExtended.dcm", "unknown_scan"),
        ("JPEGLSNearLossless_16.dcm", "unknown_scan"),
        ("rtdose.dcm", "unknown_scan"),
    ],
)
def test_a_file_without_a_readable_picture_is_refused_with_its_reason(name, reason):
    with pytest.raises(Refused, match=reason):
        clean_dicom((REAL / name).read_bytes())


def test_a_scan_that_claims_to_be_huge_is_refused_before_it_is_unpacked():
    with pytest.raises(Refused, match="too_large"):
        clean_dicom(scan([0, 1], Rows=60000, Columns=60000))


@pytest.mark.parametrize("name", ["WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept"])
@pytest.mark.parametrize("value", ["abc", "٣"])
def test_a_scan_whose_numbers_are_none_is_refused_and_not_tried_again(name, value):
    """What is no reason given here ends the child, and the file is tried again as if the machine were to blame."""
    with pytest.raises(Refused, match="damaged"):
        clean_dicom(altered(**{name: value}))
