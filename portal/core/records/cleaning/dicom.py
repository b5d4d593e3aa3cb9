"""X-rays and scans as DICOM files: the first picture as PNG, as bright as the machine has set it.

Only the pixels are read, so that nothing of the file's names, numbers and private parts gets into the copy.

For the child process.
"""

from array import array
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pydicom
from PIL import Image
from pydicom.pixels.decoders.base import get_decoder

from portal.core.records.cleaning.outcome import FRAMES, SCAN, Cleaned, Refused
from portal.core.records.cleaning.pictures import MAX_PIXELS, smaller

COLOURS = {"RGB": "RGB", "YBR_FULL": "YCbCr", "YBR_RCT": "RGB", "YBR_ICT": "RGB"}


def clean_dicom(content: bytes) -> Cleaned:
    """Return the first picture of a DICOM file. Raises Refused."""
    try:
        document, pixels, facts = _decoded(content)
        grey = facts["photometric_interpretation"].startswith("MONOCHROME")
        image = _grey(document, pixels, facts) if grey else _coloured(pixels, facts)
        frames = int(document.get("NumberOfFrames") or 1)
    except (Refused, MemoryError):
        raise
    except (NotImplementedError, RuntimeError) as error:  # no decoder here knows how it is packed
        raise Refused("unknown_scan") from error
    except Exception as error:  # an untrusted file can break the parser anywhere, also where a value is first read
        raise Refused("damaged") from error
    out = BytesIO()
    smaller(image).save(out, "PNG")
    return Cleaned("png", out.getvalue(), (FRAMES, SCAN) if frames > 1 else (SCAN,))


def _decoded(content: bytes) -> tuple[Any, bytes, dict[str, Any]]:
    """Return the file's data set, the pixels of its first picture, and what is known about these."""
    document = pydicom.dcmread(BytesIO(content))
    if "PixelData" not in document:
        raise Refused("no_picture")
    if int(document.Rows) * int(document.Columns) > MAX_PIXELS:
        raise Refused("too_large")
    decoder = get_decoder(document.file_meta.TransferSyntaxUID)
    if not decoder.is_available:
        raise Refused("unknown_scan")
    pixels, facts = decoder.as_buffer(document, index=0)
    return document, bytes(pixels), dict(facts)


def _coloured(pixels: bytes, facts: dict[str, Any]) -> Image.Image:
    """Return a picture of 8 bits a colour. Palettes and packed colours are refused."""
    mode, size = COLOURS.get(facts["photometric_interpretation"]), (facts["columns"], facts["rows"])
    area = size[0] * size[1]
    if mode is None or facts["bits_allocated"] != 8 or len(pixels) < 3 * area:
        raise Refused("unknown_scan")
    if facts.get("planar_configuration") == 1:
        planes = [Image.frombytes("L", size, pixels[at * area : (at + 1) * area]) for at in range(3)]
        return Image.merge(mode, planes).convert("RGB")
    return Image.frombytes(mode, size, pixels[: 3 * area]).convert("RGB")


def _grey(document: Any, pixels: bytes, facts: dict[str, Any]) -> Image.Image:
    """Return a grey picture: the machine's window where it is given, else from the darkest to the brightest."""
    allocated, size = facts["bits_allocated"], (facts["columns"], facts["rows"])
    if allocated not in {8, 16}:
        raise Refused("unknown_scan")
    stored = array("B" if allocated == 8 else "H", pixels[: size[0] * size[1] * allocated // 8])
    if allocated == 16 and not document.file_meta.TransferSyntaxUID.is_little_endian:
        stored.byteswap()
    if len(stored) < size[0] * size[1]:
        raise Refused("damaged")
    value = _values(document, facts)
    low, high = _window(document) or _range(document, stored, value)
    is_negative = facts["photometric_interpretation"] == "MONOCHROME1"
    shade = bytes(_shade(value(raw), low, high, is_negative) for raw in range(1 << allocated))
    return Image.frombytes("L", size, bytes(map(shade.__getitem__, stored)))


def _values(document: Any, facts: dict[str, Any]) -> Callable[[int], float]:
    """Return what a stored number stands for: its used bits, signed or not, rescaled (PS3.3 C.7.6.3, C.11.1)."""
    bits, is_signed = int(facts["bits_stored"]), bool(facts["pixel_representation"])
    slope, intercept = float(document.get("RescaleSlope", 1) or 1), float(document.get("RescaleIntercept", 0) or 0)
    mask, sign = (1 << bits) - 1, 1 << (bits - 1)

    def value(raw: int) -> float:
        number = raw & mask
        return (number - (sign << 1) if is_signed and number & sign else number) * slope + intercept

    return value


def _window(document: Any) -> tuple[float, float] | None:
    centre, width = (_first(document.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is None or width is None or width <= 1:
        return None
    return centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2  # PS3.3 C.11.2.1.2.1


def _first(found: Any) -> float | None:
    if found is None or found == "":
        return None
    return float(found[0] if isinstance(found, pydicom.multival.MultiValue) else found)


def _range(document: Any, stored: "array[int]", value: Callable[[int], float]) -> tuple[float, float]:
    padding = document.get("PixelPaddingValue")
    seen = [value(raw) for raw in set(stored) if raw != padding] or [0.0]
    return min(seen), max(seen)


def _shade(value: float, low: float, high: float, is_negative: bool) -> int:
    part = min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.0
    return round(255 * (1 - part if is_negative else part))
