"""Re-encoding of photographs and scans: upright, in sRGB or grey, without metadata.

For a process of its own: it configures Pillow globally.
"""

from io import BytesIO
from math import ceil
from typing import cast

import pi_heif
from PIL import Image, ImageCms, ImageFile, ImageOps

from portal.core.records.cleaning.outcome import Cleaned, Refused

MAX_PIXELS = 50_000_000
LONGEST, SHORTEST = 2400, 1200  # never smaller than both: long screenshots stay readable
FORMATS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",), "heic": ("HEIF",)}
DARK = 8192  # of 65,536: files of 12 bits and fewer stored in 16
pi_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def clean_picture(kind: str, content: bytes) -> Cleaned:
    """Re-encode as JPEG, or as PNG where it was one. Raises Refused."""
    image = _decoded(kind, content)
    upright = ImageOps.exif_transpose(image)
    eight_bits = _eight_bits(upright)
    plain = _in_plain_colours(smaller(eight_bits))
    bare = Image.new(plain.mode, plain.size)  # drops every kind of metadata
    bare.paste(plain)
    out = BytesIO()
    if kind == "png":
        bare.save(out, "PNG")
        return Cleaned("png", out.getvalue())
    bare.convert("RGB").save(out, "JPEG", quality=88)
    return Cleaned("jpeg", out.getvalue())


def _decoded(kind: str, content: bytes) -> Image.Image:
    """Decode the image. A truncated one is refused, as its grey rest could hide what matters."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # others (WeasyPrint) enable it for the whole process
    try:
        image = Image.open(BytesIO(content), formats=FORMATS[kind])
        if image.width * image.height > MAX_PIXELS:
            raise Refused("too_large")
        image.load()
    except (Refused, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise Refused("too_large") from error
    except Exception as error:  # decoders raise whatever they like
        raise Refused("damaged") from error
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale greys of more than 8 bits (X-rays); Pillow itself would clip them to white."""
    if image.mode not in {"I", "I;16", "I;16B", "I;16L", "F"}:
        return image
    wide = image.convert("I")
    brightest = int(cast(tuple[int, int], wide.getextrema())[1])
    top = 1 << max(brightest, 255).bit_length() if brightest < DARK else 65536
    return wide.point(lambda value: value * (256 / top)).convert("L")


def smaller(image: Image.Image) -> Image.Image:
    """Scale a large picture down, so that it is quick to open and everything on it can be read."""
    longest, shortest = max(image.size), min(image.size)
    scale = max(LONGEST / longest, SHORTEST / shortest)
    if scale >= 1:
        return image
    if image.mode in {"P", "1"}:  # cannot be averaged
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    size = ceil(image.width * scale), ceil(image.height * scale)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """Convert to grey or sRGB on white: phones use wide gamuts, which would look pale without their profile."""
    profile = image.info.get("icc_profile")
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"}:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    if profile and image.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:
            converted = None
        image = converted or image
    return image if image.mode in {"L", "RGB"} else image.convert("L" if image.mode == "1" else "RGB")


def without_metadata(jpeg: bytes) -> bytes:
    """Strip a JPEG's metadata without re-encoding."""
    out, at = bytearray(jpeg[:2]), 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        is_metadata = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in {0xE0, 0xEE})
        out += b"" if is_metadata else jpeg[at : at + 2 + length]
        at += 2 + length
    end = jpeg.rfind(b"\xff\xd9")
    return bytes(out + jpeg[at : end + 2 if end > at else len(jpeg)])
