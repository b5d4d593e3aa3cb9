"""Vendored third-party files: unchanged (checksum), and named with their licence in NOTICE."""

from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDORED = {
    # Noto fonts as Debian's fonts-noto-core ships them
    "portal/fonts/NotoSans-Bold.ttf": "e83493c945848ecd4a9ad0f6d19164541a0d3e23a9c952304a00a46e00272ac5",
    "portal/fonts/NotoSans-Regular.ttf": "89c3c497f618fdaa0b2d1e98fef93582f28c71debd2c4a8cdf41f190ced2909d",
    "portal/fonts/NotoSansDevanagari-Bold.ttf": "77ad688cfe1dc55185bf4edb4db3c614202c65dd23a1463ad0e23fc52bcc9a5c",
    "portal/fonts/NotoSansMath-Regular.ttf": "8242bd1e55368b27e32455260754cf9aa58f3ad7ea80664b66c21f1b09910d6c",
    "portal/fonts/NotoSansDevanagari-Regular.ttf": "79a470365ccb210fa3c7d8d8ff2e005ef9d983cfd067f735a0caf7e15070ca9f",
    # htmx.org 4.0.1 from npm, dist/htmx.min.js
    "portal/web/static/vendor/htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    # qr 0.7.0 from npm, index.js and decode.js
    "portal/web/static/vendor/qr/index.js": "a0de370051f94bd74f218f74401fdf197585e3f9ef0143164f87ea941a3fdd6f",
    "portal/web/static/vendor/qr/decode.js": "00e209820dcb11d624e9a03d6383e580766792b57d1651318f0a29e4e1ff0fe8",
}
OWN = {"portal/fonts/Pictures.ttf"}  # made by scripts/pictures.py; tests/scripts/test_pictures.py compares it
KINDS = ("*.ttf", "*.otf", "*.woff", "*.woff2", "vendor/**/*")


def test_vendored_files_are_exactly_the_published_ones() -> None:
    found = {name: sha256((ROOT / name).read_bytes()).hexdigest() for name in VENDORED}
    assert found == VENDORED


def test_every_font_and_every_vendored_file_is_pinned() -> None:
    folders = ("portal", "plugins", "templates")
    found = {path for folder in folders for kind in KINDS for path in (ROOT / folder).rglob(kind) if path.is_file()}
    assert {path.relative_to(ROOT).as_posix() for path in found} == set(VENDORED) | OWN


def test_the_notice_names_every_vendored_file() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert [name for name in VENDORED if name not in notice] == []


def test_htmx_is_version_4() -> None:
    assert 'version="4.0.1"' in (ROOT / "portal/web/static/vendor/htmx.min.js").read_text("utf-8")
