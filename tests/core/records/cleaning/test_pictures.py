"""Photographs and scans come out upright, in their own greys and colours, and without metadata."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageFile

from portal.core.records.cleaning.clean import clean
from portal.core.records.cleaning.outcome import Refused
from portal.core.records.cleaning.pictures import without_metadata
from tests.core.records.papers import jpeg, jpeg_with_place, paper


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_a_photograph_loses_its_gps_position_and_stays_a_picture():
    copy = clean("jpeg", jpeg_with_place())
    assert opened(copy.content).size == (40, 30)
    assert not opened(copy.content).getexif()
    assert b"canary" not in copy.content
    assert copy.is_whole


def test_a_sideways_photograph_is_rotated():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(clean("jpeg", jpeg(exif=exif.tobytes())).content).size == (30, 40)


def test_an_x_ray_of_16_bits_keeps_its_greys():
    greys = opened(clean("png", paper("xray16bit.png")).content).convert("L")
    assert len(greys.getcolors(256)) > 200
    assert greys.getpixel((64, 30)) == pytest.approx(64, abs=2)


def test_an_x_ray_of_12_bits_stored_in_16_is_not_black():
    ramp = Image.new("I;16", (64, 4))
    for x in range(64):
        for y in range(4):
            ramp.putpixel((x, y), x * 64)
    greys = opened(clean("png", saved(ramp, "PNG")).content).convert("L")
    assert greys.getpixel((32, 1)) == pytest.approx(128, abs=3)


@pytest.mark.parametrize("share", [0.3, 0.66, 0.95])
@pytest.mark.parametrize(("kind", "name"), [("jpeg", "photo.jfif"), ("png", "png_named.jpg"), ("heic", "photo.heic")])
def test_a_truncated_picture_is_refused_also_when_pillow_was_configured_to_load_it(kind, name, share, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    content = paper(name)
    with pytest.raises(Refused, match="damaged"):
        clean(kind, content[: int(len(content) * share)])


def test_the_truncated_photograph_from_the_field_is_refused():
    with pytest.raises(Refused, match="damaged"):
        clean("jpeg", paper("truncated.jpg"))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic", "pdf"])
@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 nonsense", b"\xff\xd8\xff nonsense", b"\x89PNG\r\n\x1a\n nonsense"]
)
def test_an_undecodable_picture_is_refused(kind, content):
    with pytest.raises(Refused, match="damaged"):
        clean(kind, content)


def test_a_decompression_bomb_is_refused_before_it_is_decoded():
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    with pytest.raises(Refused, match="too_large"):
        clean("png", bomb)


def test_webp_and_heic_become_jpeg():
    webp = clean("webp", saved(Image.new("RGB", (50, 40), "teal"), "WEBP", lossless=True))
    heic = clean("heic", paper("photo.heic"))
    for copy, size in ((webp, (50, 40)), (heic, (64, 48))):
        assert copy.kind == "jpeg"
        assert opened(copy.content).format == "JPEG"
        assert opened(copy.content).size == size


def test_a_long_screenshot_stays_readable_and_a_large_photograph_is_scaled_down():
    assert opened(clean("png", saved(Image.new("L", (1080, 5000)), "PNG")).content).size == (1080, 5000)
    assert opened(clean("jpeg", jpeg((3200, 2400))).content).size == (2400, 1800)


def test_wide_gamuts_are_converted_to_srgb():
    wide = ImageCms.ImageCmsProfile(BytesIO(swapped_profile()))
    picture = Image.new("RGB", (8, 8), (200, 40, 40))
    copy = opened(clean("png", saved(picture, "PNG", icc_profile=wide.tobytes())).content)
    red, green, _blue = copy.getpixel((4, 4))
    assert green > red
    assert "icc_profile" not in copy.info


def swapped_profile() -> bytes:
    """Make sRGB with red and green swapped: whoever ignores a profile shows it."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")


def test_a_jpeg_in_a_document_loses_its_metadata_and_no_pixel():
    before = jpeg_with_place()
    after = without_metadata(before + b"canary after the end")
    assert b"canary" not in after
    assert opened(after).tobytes() == opened(before).tobytes()


def test_transparency_is_put_on_white():
    glass = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert opened(clean("png", saved(glass, "PNG")).content).convert("RGB").getpixel((5, 5)) == (255, 255, 255)
