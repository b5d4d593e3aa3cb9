"""Uploads of patients, with metadata and scripts that must not reach the doctor."""

import subprocess
from io import BytesIO

import pikepdf
from PIL import Image

CANARY = "canary-in-the-description"


def photograph() -> bytes:
    """Make a photograph with GPS position and description in its EXIF."""
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (28.0, 36.0, 50.0)  # GPS latitude
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = CANARY
    out = BytesIO()
    Image.effect_mandelbrot((320, 240), (-2, -1, 1, 1), 20).convert("RGB").save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


def report() -> bytes:
    """Make a PDF that runs JavaScript when opened."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert('{CANARY}')"))
    document.Root.OpenAction = document.make_indirect(script)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def has_place(jpeg: bytes) -> bool:
    """Has a photograph EXIF or other metadata?"""
    with Image.open(BytesIO(jpeg)) as image:
        return bool(image.getexif()) or CANARY.encode() in jpeg


def has_script(pdf: bytes) -> bool:
    """Has a PDF an action on opening?"""
    with pikepdf.open(BytesIO(pdf)) as document:
        return "/OpenAction" in document.Root or CANARY.encode() in pdf


def text_of(pdf: bytes) -> str:
    """Extract the text of a PDF."""
    tool = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
    return subprocess.run(tool, input=pdf, check=True, capture_output=True).stdout.decode()


def pages_of(pdf: bytes) -> int:
    """Count the pages of a PDF."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)
