"""Uploads by content, not by name; cleaned before anybody else sees them (S45, S47, S50)."""

from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from portal.core.records.files import Refused, cleaned, intact, kind_of, store


def jpeg(**save) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG", **save)
    return out.getvalue()


def jpeg_with_place() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (28.0, 36.0, 50.0)  # GPS latitude
    exif[0x010E] = "canary-description"
    return jpeg(exif=exif.tobytes())


def pdf_with_script() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('canary')")
    document.attachments["canary.exe"] = b"MZ canary"
    document.docinfo["/Author"] = "canary-author"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"%PDF-1.7", "report.pdf", "pdf"),
        (b"\xff\xd8\xff\xe0", "photo.JPG", "jpeg"),
        (b"\xff\xd8\xff\xe0", "photo.jpeg", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "scan.png", "png"),
        (b"MZ\x90\x00", "report.pdf", None),
        (b"%PDF-1.7", "report.pdf.exe", None),
        (b"%PDF-1.7", "report", None),
        (b"<svg", "x.png", None),
        (b"GIF89a", "x.png", None),
        (b"PK\x03\x04", "x.pdf", None),
        (b"", "x.pdf", None),
    ],
)
def test_content_and_ending_must_agree(head, name, kind):
    assert kind_of(head, name) == kind


def test_a_photograph_loses_its_place_and_stays_a_picture():
    clean = cleaned("jpeg", jpeg_with_place())
    with Image.open(BytesIO(clean)) as image:
        assert image.size == (40, 30)
        assert not image.getexif()
    assert b"canary" not in clean


def test_a_pdf_loses_scripts_attachments_and_author():
    clean = cleaned("pdf", pdf_with_script())
    for secret in (b"canary", b"JavaScript", b"EmbeddedFile"):
        assert secret not in clean
    with pikepdf.open(BytesIO(clean)) as document:
        assert len(document.pages) == 1
        assert not document.attachments


@pytest.mark.parametrize("kind", ["pdf", "jpeg", "png"])
@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 nonsense", b"\xff\xd8\xff nonsense", b"\x89PNG\r\n\x1a\n nonsense"]
)
def test_what_cannot_be_read_is_refused(kind, content):
    with pytest.raises(Refused):
        cleaned(kind, content)


def test_a_picture_bomb_is_refused_before_it_is_unpacked():
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    with pytest.raises(Refused):
        cleaned("png", bomb)


def test_a_stored_file_is_whole_and_its_name_says_nothing(tmp_path):
    stored = store(BytesIO(b"content"), tmp_path)
    assert intact(tmp_path / stored.name, stored.sha256) == b"content"
    assert len(stored.name) == 22
    assert list(tmp_path.glob("*.part")) == []


def test_one_changed_byte_is_noticed(tmp_path):
    stored = store(BytesIO(b"content"), tmp_path)
    (tmp_path / stored.name).write_bytes(b"c0ntent")
    assert intact(tmp_path / stored.name, stored.sha256) is None
