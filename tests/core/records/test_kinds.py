"""File types are detected by content (S45); a served file has the extension of its type."""

import pytest

from portal.core.records.kinds import HEAD_BYTES, download_name, kind_of, title_of
from tests.core.records.papers import paper


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("photo.jfif", "jpeg"),
        ("png_named.jpg", "png"),
        ("junk_before.pdf", "pdf"),
        ("xray16bit.png", "png"),
        ("password.pdf", "pdf"),
    ],
)
def test_the_content_decides_and_not_the_name(name, kind):
    assert kind_of(paper(name)[:HEAD_BYTES]) == kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (bytes(128) + b"DICM\x02\x00", "dcm"),
        (b"%PDF-1.4".ljust(128) + b"DICM", "dcm"),
        (b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4", "pdf"),
        (b"\xef\xbb\xbf%PDF-1.7", "pdf"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf", "heic"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", None),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b"MZ\x90\x00", None),
        (b"<svg", None),
        (b"GIF89a", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_each_type_has_its_signature(head, kind):
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("title", "kind", "name"),
    [
        ("report.pdf", "pdf", "report.pdf"),
        ("report.pdf.exe", "pdf", "report.pdf.exe.pdf"),
        ("photo.HEIC", "jpeg", "photo.jpg"),
        ("photo.jfif", "jpeg", "photo.jpg"),
        ("report", "pdf", "report.pdf"),
        (".pdf", "pdf", ".pdf.pdf"),
        ("Hb 11.2", "png", "Hb 11.2.png"),
        ("रिपोर्ट.png", "png", "रिपोर्ट.png"),
    ],
)
def test_a_download_has_the_extension_of_its_type(title, kind, name):
    assert download_name(title, kind) == name


def test_a_file_name_is_only_a_title():
    assert title_of("../../etc/pass\x00wd\n.jpg") == "passwd.jpg"
